"""What the demo installation holds: invented companies, people and units. Days count back from today: it never ages."""

from dataclasses import dataclass
from typing import Any

OFFICE = "Northgate IT Services"
STAFF = (  # name, role, e-mail
    ("Dana Whitlock", "admin", "dana.whitlock@northgate.example"),
    ("Ruben Castell", "supervisor", "ruben.castell@northgate.example"),
    ("Mei-Ling Fong", "account_manager", "meiling.fong@northgate.example"),
    ("Jonas Petersen", "account_manager", "jonas.petersen@northgate.example"),
    ("Priya Raman", "engineer", "priya.raman@northgate.example"),
    ("Colette Aubry", "auditor", "colette.aubry@northgate.example"),
)


@dataclass(frozen=True, slots=True)
class Company:
    """A customer with its sites (name, city, province, country), contacts (name, title, trained) and users."""

    values: dict[str, Any]
    manager: str
    domain: str
    tag: str
    since: int
    sites: tuple[tuple[str, str, str, str], ...]
    contacts: tuple[tuple[str, str, str, bool], ...]  # name, title, telephone, trained
    users: tuple[tuple[str, str], ...]  # name of a contact, role


COMPANIES = (
    Company(
        {"slug": "harbourline", "name": "Harbourline Terminals", "language": "zh-Hant", "time_zone": "Asia/Hong_Kong",
         "currency": "HKD", "policy": "by-distance"},
        "meiling.fong@northgate.example", "harbourline.example", "HLT", 1460,
        (("Kwai Chung data hall", "Kwai Chung", "New Territories", "HK"),
         ("Tsing Yi control room", "Tsing Yi", "New Territories", "HK"),
         ("Nansha gate office", "Guangzhou", "Guangdong", "CN")),
        (("Wong Ka-yan", "Head of infrastructure", "+852 5550 0110", True),
         ("Leung Chi-ho", "Network engineer", "+852 5550 0127", True),
         ("Cheung Siu-man", "Shift lead", "+852 5550 0143", False),
         ("Zhao Lin", "Gate systems", "+86 20 5550 0188", False)),
        (("Wong Ka-yan", "manager"), ("Leung Chi-ho", "member"), ("Cheung Siu-man", "reader")),
    ),
    Company(
        {"slug": "elbtal", "name": "Elbtal Maschinenbau GmbH", "language": "de", "time_zone": "Europe/Berlin",
         "currency": "EUR", "policy": "four-priority-response"},
        "jonas.petersen@northgate.example", "elbtal.example", "EM", 910,
        (("Werk 1 Dresden", "Dresden", "Sachsen", "DE"),
         ("Werk 2 Pirna", "Pirna", "Sachsen", "DE"),
         ("Vertrieb Hamburg", "Hamburg", "Hamburg", "DE")),
        (("Katrin Vogel", "Leiterin IT", "+49 351 5550 110", True),
         ("Tobias Krüger", "Systemadministrator", "+49 351 5550 114", True),
         ("Annika Schäfer", "Einkauf", "+49 351 5550 160", False)),
        (("Katrin Vogel", "manager"), ("Annika Schäfer", "reader")),
    ),
    Company(
        {"slug": "mesa-clinics", "name": "Mesa Valley Clinics", "language": "en", "time_zone": "America/Denver",
         "currency": "USD", "policy": "three-level-on-site"},
        "jonas.petersen@northgate.example", "mesaclinics.example", "MVC", 400,
        (("Denver hospital", "Denver", "Colorado", "US"),
         ("Grand Junction clinic", "Grand Junction", "Colorado", "US"),
         ("Santa Fe clinic", "Santa Fe", "New Mexico", "US")),
        (("Elena Marquez", "IT director", "+1 303 555 0110", True),
         ("Walter Begay", "Biomedical systems", "+1 303 555 0131", False),
         ("Joy Nakai", "Help desk", "+1 970 555 0177", False)),
        (("Elena Marquez", "manager"), ("Walter Begay", "member")),
    ),
)  # fmt: skip

HARDWARE = (  # part number, maker, name, serial prefix, list price in whole US dollars
    ("CX-4832", "Corvane", "Aggregation switch CX-4832", "CVX", 18400),
    ("CX-2448", "Corvane", "Access switch CX-2448", "CVA", 4200),
    ("CX-9216", "Corvane", "Core switch CX-9216", "CVC", 61000),
    ("HR-620", "Helden", "Rack server R620", "HDR", 9800),
    ("HR-880", "Helden", "Database server R880", "HDB", 27500),
    ("SV-24T", "Siltvault", "Storage array 24T", "SVT", 38900),
    ("FG-700", "Ferrogate", "Firewall 700", "FGW", 12600),
    ("PW-10K", "Powerlund", "UPS 10 kVA", "PWL", 7300),
)
# Part number, name, wavelength from/to (nm), transmit from/to and receive from/to (dBm), list price
OPTICS = (
    ("LM-1G-LX", "1000BASE-LX SFP", 1270, 1355, -9.5, -3.0, -19.0, -3.0, 48),
    ("LM-1G-ZX", "1000BASE-ZX SFP", 1540, 1560, 0.0, 5.0, -23.0, -3.0, 160),
    ("LM-10G-SR", "10GBASE-SR SFP+", 840, 860, -7.3, -1.0, -9.9, -1.0, 65),
    ("LM-10G-LR", "10GBASE-LR SFP+", 1260, 1355, -8.2, 0.5, -14.4, 0.5, 95),
    ("LM-10G-ER", "10GBASE-ER SFP+", 1530, 1565, -4.7, 4.0, -15.8, -1.0, 420),
    ("LM-25G-SR", "25GBASE-SR SFP28", 840, 860, -8.4, 2.4, -10.3, 2.4, 130),
    ("LM-25G-LR", "25GBASE-LR SFP28", 1295, 1325, -7.0, 2.0, -13.3, 2.0, 260),
    ("LM-40G-SR4", "40GBASE-SR4 QSFP+", 840, 860, -7.6, 2.4, -9.5, 2.4, 180),
    ("LM-40G-LR4", "40GBASE-LR4 QSFP+", 1264, 1338, -7.0, 2.3, -13.7, 2.3, 540),
    ("LM-100G-SR4", "100GBASE-SR4 QSFP28", 840, 860, -8.4, 2.4, -10.3, 2.4, 320),
    ("LM-100G-LR4", "100GBASE-LR4 QSFP28", 1294, 1310, -4.3, 4.5, -10.6, 4.5, 980),
    ("LM-100G-CW", "100GBASE-CWDM4 QSFP28", 1264, 1338, -6.5, 2.5, -11.5, 2.5, 610),
)
SOFTWARE = (
    ("YP-3", "Quayworks", "Yard Planner 3"),
    ("MX-9", "Lindenwerk", "Machine Data Hub 9"),
    ("PR-12", "Aldwych Health", "Patient Records 12"),
    ("HV-8", "Substrate", "Hypervisor 8"),
    ("BK-5", "Holdfast", "Backup Suite 5"),
)


@dataclass(frozen=True, slots=True)
class Batch:
    """`count` units of one product: delivered `age` days ago and each next one `step` days later.

    `place` and `name` take {n}. `optics` are put into the slots of every unit: (part number, how many).
    """

    product: str
    count: int
    site: int
    place: str
    age: int
    step: int = 0
    name: str = ""
    status: str = "in_use"
    terms: str | None = "hardware"
    optics: tuple[tuple[str, int], ...] = ()


FLEETS: dict[str, tuple[Batch, ...]] = {
    "harbourline": (
        Batch(
            "CX-9216", 1, 0, "Rack A01, U30", 640, name="core-kc-{n}", optics=(("LM-100G-LR4", 4), ("LM-100G-SR4", 4))
        ),
        Batch("CX-4832", 2, 0, "Rack A0{n}, U18", 330, 21, "agg-kc-{n}", optics=(("LM-10G-LR", 5), ("LM-40G-SR4", 3))),
        Batch("CX-2448", 2, 1, "Cabinet {n}", 282, 40, "acc-ty-{n}", optics=(("LM-1G-LX", 3), ("LM-10G-SR", 2))),
        Batch("HR-620", 8, 0, "Rack B02, U1{n}", 350, 55, "tos-app-{n}"),
        Batch("HR-880", 2, 0, "Rack B03, U2{n}", 120, 6, "tos-db-{n}"),
        Batch("SV-24T", 1, 0, "Rack B04, U04", 301, name="yard-store"),
        Batch("FG-700", 2, 2, "Cabinet N1, U1{n}", 412, 300, "gate-fw-{n}"),
        Batch("PW-10K", 2, 1, "Plant room", 760, 20, "ups-ty-{n}"),
        Batch("LM-10G-LR", 4, 0, "Spares cupboard, drawer 3", 95, status="in_stock", terms="optical-module"),
        Batch("HR-620", 1, 1, "", 4, status="planned", terms=None, name="tos-app-next"),
    ),
    "elbtal": (
        Batch(
            "CX-4832",
            2,
            0,
            "Serverraum 1, Schrank {n}",
            815,
            90,
            "dd-agg-{n}",
            optics=(("LM-10G-SR", 5), ("LM-40G-LR4", 2)),
        ),
        Batch(
            "CX-2448", 4, 1, "Halle {n}, Verteiler", 1105, 190, "pi-acc-{n}", optics=(("LM-1G-LX", 2), ("LM-10G-ER", 1))
        ),
        Batch("HR-620", 6, 0, "Serverraum 1, Schrank 4", 430, 62, "mes-{n}"),
        Batch("HR-880", 1, 0, "Serverraum 1, Schrank 5", 296, name="erp-db"),
        Batch("SV-24T", 1, 0, "Serverraum 1, Schrank 6", 700, name="cad-store"),
        Batch("FG-700", 1, 2, "Technikraum", 210, name="hh-fw"),
        Batch("PW-10K", 2, 1, "Keller", 1290, 30, "usv-{n}", terms=None),
    ),
    "mesa-clinics": (
        Batch("CX-9216", 1, 0, "MDF, rack 1", 290, name="den-core", optics=(("LM-100G-CW", 4), ("LM-25G-LR", 4))),
        Batch("CX-2448", 4, 1, "IDF {n}", 250, 12, "gj-acc-{n}", optics=(("LM-25G-SR", 2), ("LM-10G-LR", 1))),
        Batch("HR-620", 7, 0, "MDF, rack 2, U{n}", 366, 48, "pacs-{n}"),
        Batch("SV-24T", 2, 0, "MDF, rack 3, U{n}", 365, 41, "image-store-{n}"),
        Batch("FG-700", 2, 2, "Closet {n}", 70, 3, "sf-fw-{n}"),
        Batch("PW-10K", 1, 0, "MDF", 371, name="ups-den", status="in_repair"),
    ),
}


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A licence: `uses` says how much of it is assigned, to units whose name starts with `on` or to people."""

    product: str
    name: str
    metric: str
    quantity: int | None
    launched: int
    ends: int | None = None  # days from today
    maintenance: int | None = None  # days from today
    on: str = ""  # empty: to the contacts
    uses: int = 0
    functions: tuple[str, ...] = ()


LICENCES: dict[str, tuple[Entitlement, ...]] = {
    "harbourline": (
        Entitlement("YP-3", "Yard Planner, control room", "named_user", 3, 200, maintenance=165, uses=4,
                    functions=("Plan a stack by vessel", "Re-plan after a late gate-in", "Print the shift list")),
        Entitlement("HV-8", "Hypervisor, Kwai Chung", "host", 10, 350, ends=15, on="tos-app", uses=8),
    ),
    "elbtal": (
        Entitlement("MX-9", "Machine Data Hub, both works", "site", 2, 420, maintenance=-12,
                    functions=("Read spindle hours", "Daily report per machine")),
        Entitlement("HV-8", "Hypervisor, Dresden", "host", 4, 430, ends=300, on="mes", uses=6),
        Entitlement("BK-5", "Backup Suite", "resource", None, 280),
    ),
    "mesa-clinics": (
        Entitlement("PR-12", "Patient Records, all clinics", "concurrent", 250, 310, ends=55, maintenance=55,
                    functions=("Open a record by bar code", "Merge two records", "Export for a referral")),
        Entitlement("BK-5", "Backup Suite", "device", 5, 366, ends=730, on="pacs", uses=5),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Agreement:
    """A contract for a year, renewed by itself. `lines`: what it covers; `duties`: kind, title and when it is owed."""

    number: str
    title: str
    started: int
    lines: tuple[dict[str, Any], ...]
    duties: tuple[dict[str, Any], ...]
    onsite: str = ""  # units whose name starts so get on-site support by this contract
    target: int | None = None


AGREEMENTS: dict[str, Agreement] = {
    "harbourline": Agreement(
        "NG-1047", "Service of the terminal network", 290,
        ({"site": 0, "terms": "on-site-support"}, {"product": "CX-2448"}),
        ({"kind": "patrol", "title": "Patrol of both rooms, with report", "per_year": 4, "done": (205, 112, 20)},
         {"kind": "training", "title": "Training of new shift leads", "first": 60, "every": "P6M", "done": (61,)},
         {"kind": "report", "title": "Quarterly report", "first": 198, "every": "P3M", "done": (196, 104)}),
        target=95,
    ),
    "elbtal": Agreement(
        "NG-0988", "Wartung Rechenzentrum und Werke", 680,
        ({"everything": True},),
        ({"kind": "response", "title": "Answer to every request as agreed"},
         {"kind": "patrol", "title": "Inspection of all cabinets", "per_year": 2, "done": (560, 370, 180)}),
        onsite="erp", target=97,
    ),
    "mesa-clinics": Agreement(
        "NG-1103", "On-site care for clinics", 320,
        ({"site": 0}, {"site": 1, "terms": "on-site-support"}),
        ({"kind": "patrol", "title": "Monthly visit", "first": 290, "every": "P1M", "done": (290, 259, 229, 198)},),
        onsite="den-core",
    ),
}  # fmt: skip
