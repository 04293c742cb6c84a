"""Further texts of our own, in forms that are printed beside the usual ones; everything in them is invented."""

NXOS_JSON = """\
leaf-4# show interface transceiver details | json-pretty
{
  "TABLE_interface": {
    "ROW_interface": [
      {"interface": "Ethernet1/2", "sfp": "present", "type": "QSFP-100G-PCC", "name": "EXAMPLE CABLES",
       "partnum": "EX-PCC-3", "rev": "01", "serialnum": "EXP0003-A", "len_cu": "3"},
      {"interface": "Ethernet1/3", "sfp": "not present"},
      {"interface": "Ethernet1/5", "sfp": "present", "type": "QSFP-40G-CSR4", "name": "EXAMPLE OPTICS",
       "partnum": "EX-CSR4", "rev": "C", "serialnum": "EXC500071", "len_cu": "200",
       "TABLE_lane": {"ROW_lane": [
         {"lane_number": "1", "temperature": "41.20", "temp_flag": "+", "temp_alrm_hi": "75.00",
          "temp_alrm_lo": "-5.00", "temp_warn_hi": "40.00", "temp_warn_lo": "1.00", "voltage": "3.27",
          "current": "6.50", "current_flag": null, "current_alrm_hi": "15.00", "tx_pwr": "-1.75",
          "rx_pwr": "-1.25", "rx_pwr_alrm_hi": "3.40", "rx_pwr_alrm_lo": "-14.10", "rx_pwr_warn_hi": "2.40",
          "rx_pwr_warn_lo": "-11.10", "xmit_faults": "0"},
         {"lane_number": "2", "temperature": "41.20", "current": "N/A", "tx_pwr": "-40.00", "rx_pwr": "N/A",
          "rx_pwr_flag": "--"}
       ]}},
      {"interface": "Ethernet1/6", "sfp": "present", "type": "10Gbase-LR", "name": "EXAMPLE OPTICS",
       "serialnum": "EXL600001", "TABLE_lane": {"ROW_lane": {"lane_number": "1", "rx_pwr": "-7.75"}}}
    ]
  }
}
"""

NXOS_XML = """\
leaf-4# show interface transceiver details | xml
<?xml version="1.0" encoding="ISO-8859-1"?>
<nf:rpc-reply xmlns:nf="urn:ietf:params:xml:ns:netconf:base:1.0" xmlns="http://www.cisco.com/nxos:1.0:if_manager">
 <nf:data><show><interface><__readonly__>
  <TABLE_interface>
   <ROW_interface>
    <interface>Ethernet1/5</interface>
    <sfp>present</sfp>
    <type>10Gbase-LR</type>
    <name>EXAMPLE OPTICS  </name>
    <partnum>EX-LR</partnum>
    <serialnum>EXL500044</serialnum>
    <TABLE_lane>
     <ROW_lane><lane_number>1</lane_number><temperature>31.25</temperature><rx_pwr>-3.50</rx_pwr>
      <rx_pwr_flag>-</rx_pwr_flag><rx_pwr_alrm_lo>-18.00</rx_pwr_alrm_lo></ROW_lane>
     <ROW_lane><lane_number>2</lane_number><rx_pwr>-4.50</rx_pwr></ROW_lane>
    </TABLE_lane>
   </ROW_interface>
   <ROW_interface><interface>Ethernet1/6</interface><sfp>not present</sfp></ROW_interface>
  </TABLE_interface>
 </__readonly__></interface></show></nf:data>
</nf:rpc-reply>
]]>]]>
"""

NXOS_FC = """\
fc1/7 sfp is present
    Name is EXAMPLE OPTICS
    Manufacturer's part number is EX-FC8
    Revision is D
    Serial number is EXF700012
    FC Transmitter type is short wave laser w/o OFC (SN)
    No tx fault, rx loss, no sync exists, diagnostic monitoring type is 0x68
    SFP Diagnostics Information:
        Temperature           :  35.75 C  +
        Voltage               :   3.25 V
        Current               :   6.50 mA
        Optical Tx Power      :  -3.25 dBm
        Optical Rx Power      :  N/A   dBm      --
        Tx Fault count  : 0
fc1/8 sfp is not present
"""

JUNOS_JSON = """\
operator@mx-lab> show interfaces diagnostics optics | display json
{
  "interface-information" : [ {
    "attributes" : {"junos:style" : "normal"},
    "physical-interface" : [
    { "name" : [ { "data" : "et-0/0/4" } ],
      "optics-diagnostics" : [ {
        "module-temperature" : [
          { "data" : "42 degrees C / 107 degrees F", "attributes" : {"junos:celsius" : "41.5"} } ],
        "module-voltage" : [ { "data" : "3.290" } ],
        "laser-rx-power-low-alarm-threshold" : [ { "data" : "0.0400" } ],
        "laser-rx-power-low-alarm-threshold-dbm" : [ { "data" : "-13.98" } ],
        "optics-diagnostics-lane-values" : [
        { "lane-index" : [ { "data" : "0" } ], "laser-bias-current" : [ { "data" : "38.2" } ],
          "laser-output-power" : [ { "data" : "1.0000" } ], "laser-rx-power-low-alarm" : [ { "data" : "off" } ] },
        { "lane-index" : [ { "data" : "1" } ], "laser-rx-optical-power" : [ { "data" : "0.0000" } ],
          "laser-rx-optical-power-dbm" : [ { "data" : "- Inf" } ], "laser-rx-power-low-alarm" : [ { "data" : "on" } ] }
        ] } ] },
    { "name" : [ { "data" : "ge-0/0/5" } ],
      "optics-diagnostics" : [ { "optic-diagnostics-not-available" : [ { "data" : "N/A" } ] } ] }
    ]
  } ]
}
"""

EOS_DOM = """\
spine-1#show interfaces transceiver dom
Ch: Channel, N/A: not applicable, TX: transmit, RX: receive
mA: milliamperes, dBm: decibels (milliwatts), C: Celsius, V: Volts
Port 3
Last update: 0:00:04 ago
                       Value
                      --------
    Temperature         31.25 C
    Voltage             3.25 V
    TX bias current
      Channel 1         36.10 mA
      Channel 2         36.50 mA
    Optical TX power
      Channel 1         1.20 dBm
      Channel 2         N/A dBm
    Optical RX power
      Channel 1         -0.50 dBm
      Channel 2         -40.00 dBm
Port 4
    Temperature         N/A N/A
    TX bias current     6.50 mA
    Optical TX power    0.61 mW
    Optical RX power    -3.25 dBm
"""

IOS_XE_STATUS = """\
agg-1#show hw-module subslot 0/1 transceiver 3 status
The Transceiver in slot 0 subslot 1 port 3 is enabled.
  Module temperature                        = +41.500 C
  Transceiver Tx supply voltage             = 3252.5 mVolts
  Transceiver Tx bias current               = 37500 uAmps
  Transceiver Tx power                      = -3.3 dBm
  Transceiver Rx optical power              = -40.0 dBm

agg-1#show hw-module subslot 0/1 transceiver 3 idprom
IDPROM for transceiver TenGigabitEthernet0/1/3:
  Description                               = SFP+ optics (type 130)
  Transceiver Type:                         = SFP+ 10GBASE-LR (274)
  Serial Number (SN)                        = EXT130009
  Vendor Name                               = EXAMPLE OPTICS
"""

IOSXR_COPPER = """\
Port:    Optics0/0/0/18
 Controller State: Up
 Transport Admin State: In Service
 Laser State: N/A
 Dom Data Status: Not Applicable
         Optics Type:  QSFPDD 400G PASSIVE COPPER
         Wavelength = 0.00 nm
         Parameter                 High Alarm  Low Alarm  High Warning  Low Warning
         ------------------------  ----------  ---------  ------------  -----------
         Rx Power Threshold(dBm)          0.0        0.0           0.0          0.0
         Lane  Laser Bias    TX Power    RX Power  Output Frequency
         ----  ----------  ----------  ----------  ----------------
           0      0.0 mA    0.00 dBm    0.00 dBm       N/A
           1      0.0 mA    0.00 dBm    0.00 dBm       N/A
         Temperature = 0.00 Celsius
         Voltage = 0.00 V
         Form Factor            : QSFP-DD
         Name                   : EXAMPLE CABLES
         Part Number            : EX-CR8
         Serial Number          : EXD180001
"""

SONIC_CMIS = """\
Ethernet8: SFP EEPROM detected
        Application Advertisement: 400GAUI-8 C2M - Host Assign (0x1)
        CMIS Rev: 5.0
        Identifier: QSFP-DD Double Density 8X Pluggable Transceiver
        Media Interface Technology: 1310 nm EML
        Media Lane Count: 1
        Vendor Name: EXAMPLE OPTICS
        Vendor SN: EXQ800017
        ChannelMonitorValues:
                RX1Power: 0.5000mW
                TX1Power: -1.25dBm
        ChannelThresholdValues:
                RxPowerHighAlarm  : 2.0000mW
Ethernet44:
        Temperature: 99.9C
        Vendor Rev: ZZ
"""

CISCO_INVENTORY = """\
core-7#show inventory
NAME: "Switch 1", DESCR: "EX-48T"
PID: EX-48T            , VID: V02  , SN: EXI0000CHAS

NAME: "Switch 1 - Power Supply A", DESCR: "Switch 1 - Power Supply A"
PID: EX-PWR            , VID: V01  , SN: EXI0000PSUA

NAME: "TenGigabitEthernet1/1/3", DESCR: "SFP-10GBase-LR"
PID: EX-10G-LR         , VID: V03  , SN: EXI0000TEN3

NAME: "GigabitEthernet1/1/4", DESCR: "Unknown or Unsupported CPAK Module"
PID: Unspecified       , VID: N/A  , SN: EXI0000GIG4

core-7#
"""

EOS_INVENTORY = """\
leaf-5#show inventory
System has 4 switched transceiver slots
  Port Manufacturer     Model            Serial Number    Rev
  ---- ---------------- ---------------- ---------------- ----
  1    Example Optics   EX-10G-SR        EXI000000001     0002
  2    Example Networks EX-7050
  3    Not Present
  49   Example Optics   QSFP-40G-SR4     EXI000000049     01

leaf-5#
"""

ARUBA_TABLES = """\
ex-8# show interface transceiver
-----------------------------------------------------------------
Port      Type           Product      Serial         Part
                         Number       Number         Number
-----------------------------------------------------------------
1/1/1     SFP+SR         EX9150       EXA0000001     1990-0001
1/1/2     SFP+DAC3       EX9283       EXA0000002     --
ex-8# show interface dom
--------------------------------------------------------------------------------
Port     Type      Channel Temperature Voltage Tx Bias Rx Power      Tx Power
                   #       (Celsius)   (Volts) (mA)    (mW/dBm)      (mW/dBm)
--------------------------------------------------------------------------------
1/1/1    SFP+SR            47.65       3.23    8.40    0.63, -2.01   0.64, -1.94
1/1/2    SFP+DAC3          n/a         n/a     n/a     n/a           n/a
1/1/49   QSFP28LR4 1       44.46       3.30    6.12    0.00, -inf    0.64, -1.97
                   2       44.46       3.30    6.13    0.07, -11.54  0.64, -1.95
ex-8#
"""
