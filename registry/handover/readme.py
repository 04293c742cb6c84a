"""What stands in README.txt of every package."""

README = """\
ASSETCARE: EVERYTHING ABOUT ONE CUSTOMER
========================================

manifest.json    what is in here: every file with its size and SHA-256, numbers of rows, the end of the audit chain
signature.json   the signature (Ed25519) of the house that made this package over manifest.json, and its public key
schema.json      what the columns of data/ hold
data/            every row of every table, one JSON object a line. Rows of the house's catalogue that yours refer to
                 (products, warranty terms, statuses, the names of our people) are among them
csv/             the lists as they are on screen, for spreadsheet programs
files/           your files; the rows in data/ name them
audit/           chain.jsonl: who did what and when, each entry chained to the one before by SHA-256

Nothing of it needs Assetcare. To check that it is whole and that nobody changed the history:

    python3 proof.py PACKAGE.zip          (audit/proof.py of this package; 26 lines, to be read)

To read it into an installation of Assetcare:

    assetcare package read PACKAGE.zip

Not in here: passwords, sessions and tokens. Licence keys are in data/licence.jsonl, readable, if manifest.json says
"keys": "opened"; whoever has this file then has the keys. Keep it accordingly.


ASSETCARE：一位客戶的全部資料
=============================

manifest.json    內容清單：每個檔案的大小與 SHA-256、各資料表的筆數、稽核鏈的末端
signature.json   製作此資料包的服務商對 manifest.json 的簽章（Ed25519）及其公開金鑰
schema.json      data/ 各欄位的說明
data/            每個資料表的每一筆資料，每行一個 JSON 物件。您的資料所引用的共用目錄
                 （產品、保固條款、狀態、我方人員姓名）也在其中
csv/             與畫面相同的清單，可用試算表軟體開啟
files/           您的檔案；data/ 的資料會指出其名稱
audit/           chain.jsonl：何人於何時做了何事，每筆以 SHA-256 與前一筆相連

使用這些資料不需要 Assetcare。若要檢查資料是否完整、歷史紀錄是否遭人更改：

    python3 proof.py PACKAGE.zip          （即本資料包中的 audit/proof.py，共 26 行，可供閱讀）

若要讀入另一套 Assetcare：

    assetcare package read PACKAGE.zip

不包含：密碼、登入工作階段與權杖。若 manifest.json 中 "keys" 為 "opened"，軟體授權金鑰會以明文
存於 data/licence.jsonl；持有此檔案者即持有金鑰，請妥善保管。
"""
