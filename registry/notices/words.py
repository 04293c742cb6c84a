"""The words of notices and calendars that are put together from parts, in each language that we speak."""

from typing import Any

from registry.kernel.locales import supported
from registry.kernel.phrases import render

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "asset_warranty": "Warranties of assets",
        "licence_warranty": "Warranties of licences",
        "licence": "Licences",
        "maintenance": "Maintenance of licences",
        "contract": "Contracts",
        "contract_part": "Contracts part of which ends",
        "contract_notice": "Contracts that renew themselves unless notice is given",
        "ends": "{label}: ends on {day}",
        "ended": "{label}: ended on {day}",
        "part_ends": "{label}: part of what it covers ends on {day}",
        "part_ended": "{label}: part of what it covered ended on {day}",
        "notice": "{label}: give notice by {day}",
        "carried": "{line}; contract {contract} covers it after that",
        "uncovered": "{line}; assets and licences without cover after that: {count}",
        "more": "... and {count} more",
        "and": ", ",
        "others": "{names} and {count} more",
        "house": "the operator's own",
        "off_answered": "the receiver answered with status {status}",
        "off_unreachable": "the receiver could not be reached",
        "off_refused": "the address is not one that may be called",
        "calendar": "Assetcare",
        "event_asset_warranty": "{customer}: warranty ends, {count} assets",
        "event_licence_warranty": "{customer}: warranty ends, {count} licences",
        "event_licence": "{customer}: licence {label} ends",
        "event_maintenance": "{customer}: maintenance of {label} ends",
        "event_contract": "{customer}: contract {label} ends",
        "event_contract_part": "{customer}: part of contract {label} ends",
        "event_contract_notice": "{customer}: last day to give notice, contract {label}",
    },
    "zh-Hant": {
        "asset_warranty": "資產保固",
        "licence_warranty": "軟體授權保固",
        "licence": "軟體授權",
        "maintenance": "軟體授權維護",
        "contract": "合約",
        "contract_part": "部分涵蓋內容到期的合約",
        "contract_notice": "若未通知終止將自動續約的合約",
        "ends": "{label}：{day} 到期",
        "ended": "{label}：已於 {day} 到期",
        "part_ends": "{label}：部分涵蓋內容於 {day} 到期",
        "part_ended": "{label}：部分涵蓋內容已於 {day} 到期",
        "notice": "{label}：若要終止，最遲須於 {day} 通知",
        "carried": "{line}；其後由合約 {contract} 提供保固",
        "uncovered": "{line}；其後無保固的資產與軟體授權：{count} 項",
        "more": "……另有 {count} 項",
        "and": "、",
        "others": "{names} 及另外 {count} 家",
        "house": "服務商所有",
        "off_answered": "接收端回應狀態碼 {status}",
        "off_unreachable": "無法連線至接收端",
        "off_refused": "該位址不在允許連線的範圍內",
        "calendar": "Assetcare",
        "event_asset_warranty": "{customer}：{count} 項資產保固到期",
        "event_licence_warranty": "{customer}：{count} 項軟體授權保固到期",
        "event_licence": "{customer}：軟體授權 {label} 到期",
        "event_maintenance": "{customer}：{label} 維護到期",
        "event_contract": "{customer}：合約 {label} 到期",
        "event_contract_part": "{customer}：合約 {label} 的部分涵蓋內容到期",
        "event_contract_notice": "{customer}：合約 {label} 通知終止的最後期限",
    },
}


def say(language: str, word: str, **values: Any) -> str:
    """The words for `word` in `language`, filled in."""
    spoken = supported(language)
    return render(WORDS[spoken][word], values, spoken)
