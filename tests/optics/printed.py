"""Texts of our own in the forms that makers print; every name, number and serial in them is invented."""

IOS = """\
core-7#show interfaces transceiver detail
ITU Channel not available (Wavelength not available),
Transceiver is internally calibrated.
mA: milliamperes, dBm: decibels (milliwatts), NA or N/A: not applicable.
++ : high alarm, +  : high warning, -  : low warning, -- : low alarm.
A2D readouts (if they differ), are reported in parentheses.
The threshold values are calibrated.

                                High Alarm  High Warn  Low Warn   Low Alarm
             Temperature        Threshold   Threshold  Threshold  Threshold
Port         (Celsius)          (Celsius)   (Celsius)  (Celsius)  (Celsius)
---------    -----------------  ----------  ---------  ---------  ---------
Te1/1/3      81.7  ++               78.0       73.0       -3.0       -8.0
Gi1/1/4      31.0 ( 30.8 )          78.0       73.0       -3.0       -8.0

                                High Alarm  High Warn  Low Warn   Low Alarm
             Voltage            Threshold   Threshold  Threshold  Threshold
Port         (Volts)            (Volts)     (Volts)    (Volts)    (Volts)
---------    -----------------  ----------  ---------  ---------  ---------
Te1/1/3      3.31                   3.70       3.60       3.00       2.90
Gi1/1/4      3.29                   3.70       3.60       3.00       2.90

                                  High Alarm  High Warn  Low Warn   Low Alarm
                 Current          Threshold   Threshold  Threshold  Threshold
Port       Lane  (milliamperes)   (mA)        (mA)       (mA)       (mA)
---------  ----  ---------------  ----------  ---------  ---------  ---------
Te1/1/3    N/A   11.9  +              13.2       11.5        2.5        1.5
Gi1/1/4    N/A    6.1                 13.2       11.5        2.5        1.5

                 Optical          High Alarm  High Warn  Low Warn   Low Alarm
                 Transmit Power   Threshold   Threshold  Threshold  Threshold
Port       Lane  (dBm)            (dBm)       (dBm)      (dBm)      (dBm)
---------  ----  ---------------  ----------  ---------  ---------  ---------
Te1/1/3    N/A   -12.4--               1.5       -1.0       -7.5      -11.5
Gi1/1/4    N/A   -2.2                  1.5       -1.0       -7.5      -11.5
 --More--
                 Optical          High Alarm  High Warn  Low Warn   Low Alarm
                 Receive Power    Threshold   Threshold  Threshold  Threshold
Port       Lane  (dBm)            (dBm)       (dBm)      (dBm)      (dBm)
---------  ----  ---------------  ----------  ---------  ---------  ---------
Te1/1/3    N/A   -10.3  -              2.0       -1.5      -10.0      -14.0
Gi1/1/4    N/A   -40.0  --             2.0       -1.5      -10.0      -14.0
core-7#
"""

IOS_XE_LANES = """\
                                  High Alarm  High Warn  Low Warn   Low Alarm
                 Optical          Threshold   Threshold  Threshold  Threshold
                 Transmit Power   (dBm)       (dBm)      (dBm)      (dBm)
Port       Lane  (dBm)
---------  ----  ---------------  ----------  ---------  ---------  ---------
Hu1/0/9    1      0.4                  5.0        4.0       -6.0       -7.0
           2      0.6                  5.0        4.0       -6.0       -7.0
Hu1/0/9    3     N/A                   5.0        4.0       -6.0       -7.0
Hu1/0/9    4     -6.4  -               5.5        4.0       -6.0       -7.0
"""

IOS_SHORT = """\
If device is externally calibrated, only calibrated values are printed.
++ : high alarm, +  : high warning, -  : low warning, -- : low alarm.
NA or N/A: not applicable, Tx: transmit, Rx: receive.
mA: milliamperes, dBm: decibels (milliwatts).

                                           Optical   Optical
           Temperature  Voltage  Current   Tx Power  Rx Power
Port       (Celsius)    (Volts)  (mA)      (dBm)     (dBm)
---------  -----------  -------  --------  --------  --------
Gi2/0/1      29.5         3.30      5.5       -5.1     -21.8 --
Gi2/0/2      30.1         3.28      N/A        N/A       -5.9
"""

EOS = """\
                          High Alarm  High Warn   Low Alarm   Low Warn
           Optical Power  Threshold   Threshold   Threshold   Threshold
           Tx Power
Port       (dBm)          (dBm)       (dBm)       (dBm)       (dBm)
-------    ------------   ----------  ----------  ----------  ----------
Et11       -4.20          3.00        2.00        -9.00       -8.00
"""

NXOS = """\
Ethernet1/7
    transceiver is present
    type is 10Gbase-LR
    name is EXAMPLE OPTICS
    part number is EX-LR10-7
    revision is B2
    serial number is EXO7700123
    nominal bitrate is 10300 MBit/sec
    cisco product id is SFP-10G-LR

           SFP Detail Diagnostics Information (internal calibration)
  ----------------------------------------------------------------------------
                Current              Warnings                  Alarms
                Measurement     High        Low         High          Low
  ----------------------------------------------------------------------------
  Temperature   33.20 C        70.00 C      0.00 C     75.00 C       -5.00 C
  Voltage        3.31 V         3.46 V      3.13 V      3.63 V        2.97 V
  Current       58.10 mA  +    55.00 mA     9.00 mA    70.00 mA       5.00 mA
  Tx Power      -9.90 dBm -     0.50 dBm   -8.20 dBm    3.50 dBm    -12.20 dBm
  Rx Power       2.10 dBm +     0.50 dBm  -14.40 dBm    2.50 dBm    -18.40 dBm
  Transmit Fault Count = 0
  ----------------------------------------------------------------------------
  Note: ++  high-alarm; +  high-warning; --  low-alarm; -  low-warning

Ethernet1/8
    transceiver is not present

Ethernet1/9
    transceiver is present
    type is SFP-H10GB-CU3M
    name is EXAMPLE CABLES
    part number is EX-CU-3
    revision is A
    serial number is EXC55501-B
    DOM is not supported

Ethernet1/7 is up
admin state is up, Dedicated Interface
"""

IOSXR = """\
RP/0/RP0/CPU0:edge-2#show controllers optics 0/0/0/6
Mon Mar  2 08:00:00.000 UTC

 Controller State: Administratively Down
 Transport Admin State: Out Of Service
 Laser State: Off
 LED State: Off
 Optics Status

         Optics Type:  QSFP28 100G LR4
         Wavelength = 1302.00 nm

         Alarm Status:
         -------------
         Detected Alarms:
                 LOW-RX1-PWR   LOW-RX2-PWR
                 LOW-TX1_LBC   HIGH-TX2_LBC

         LOS/LOL/Fault Status:
         Detected LOS/LOL/FAULT: RX-LOS

         THRESHOLD VALUES
         ----------------

         Parameter                 High Alarm  Low Alarm  High Warning  Low Warning
         ------------------------  ----------  ---------  ------------  -----------
         Rx Power Threshold(dBm)          5.5      -14.6           4.5        -10.6
         Rx Power Threshold(mW)           3.5        0.0           2.8          0.1
         Tx Power Threshold(dBm)          5.0       -8.3           4.0         -4.3
         LBC Threshold(mA)              75.00      15.00         70.00        20.00
         Temp. Threshold(celsius)       75.00      -5.00         70.00         0.00
         Voltage Threshold(volt)         3.63       2.97          3.46         3.13

         Lane  Laser Bias    TX Power    RX Power  Output Frequency
         ----  ----------  ----------  ----------  ----------------
           0      0.0 mA  -40.00 dBm  -40.00 dBm       N/A
           1     44.5 mA   -1.20 dBm    N/A            N/A

         Temperature = 30.50 Celsius
         Voltage = 3.30 V

 Transceiver Vendor Details

         Form Factor            : QSFP28
         Name                   : EXAMPLE OPTICS
         OUI Number             : 00.ab.cd
         Part Number            : EX-LR4-100
         Rev Number             : 02
         Serial Number          : EXQ44120007
         Date Code(yy/mm/dd)    : 24/02/29

RP/0/RP0/CPU0:edge-2#show controllers optics 0/0/0/7
 Controller State: Down
 Transport Admin State: In Service
 Laser State: Off
         Optics not present
         Optics Type: Unavailable
RP/0/RP0/CPU0:edge-2#show controllers optics 0/0/0/8
 Controller State: Up
 Transport Admin State: In Service
 Laser State: On
         Laser Bias Current = 33.0 %
         Actual TX Power = 0.50 dBm
         RX Power = -9.75 dBm
         Serial Number          : EXZ900
"""

IOSXR_PHY = """\
PHY data for interface: TenGigE0/1/0/3

SFP EEPROM  port: 3
        Xcvr Type: SFP
        Xcvr Code: SFP-10G-SR
        Vendor Name: EXAMPLE OPTICS
        Vendor OUI: 00.ab.cd
        Vendor Part Number: EX-SR-10 (rev.: C   )
        Laser wavelength: 850 nm (fraction: 0.00 nm)
        Vendor Serial Number: EXS310077
        Date Code (yy/mm/dd): 23/07/15  lot code: 7
        Diagnostic Monitoring: DOM, Int. Cal.,

        Thresholds:                    Alarm High         Warning High          Warning Low            Alarm Low
              Temperature:            +75.000 C             +70.000 C              +0.000 C              -5.000 C
                  Voltage:           3.630 Volt            3.460 Volt            3.130 Volt            2.970 Volt
                     Bias:         11.800 mAmps          10.800 mAmps           5.000 mAmps           4.000 mAmps
   Transmit Power:  1.00000 mW (0.0000 dBm)  0.79430 mW (-1.0000 dBm)  0.18620 mW (-7.3000 dBm)  0.07410 mW (-11.3 dBm)
   Receive Power:  1.00000 mW (0.0000 dBm)  0.79430 mW (-1.0000 dBm)  0.10230 mW (-9.9000 dBm)  0.04070 mW (-13.9 dBm)
        Temperature: 36.250
        Voltage: 3.302 Volt
        Tx Bias: 7.404 mAmps
        Tx Power:  0.61000 mW (-2.14670 dBm)
        Rx Power:  0.00000 mW (-inf dBm)

Port status: TenGigE0/1/0/3
  OPTICS:
   Rx LOS Fault       : Yes
   Tx Fault           : No
"""

JUNOS = """\
operator@mx-lab> show interfaces diagnostics optics
Physical interface: xe-0/1/2, Enabled, Physical link is Down
    Laser bias current                        :  31.500 mA
    Laser output power                        :  0.6310 mW / -2.00 dBm
    Module temperature                        :  35 degrees C / 95 degrees F
    Module voltage                            :  3.3010 V
    Receiver signal average optical power     :  0.0000 mW / - Inf dBm
    Laser bias current high alarm             :  Off
    Laser bias current low alarm              :  Off
    Laser bias current high warning           :  Off
    Laser bias current low warning            :  Off
    Laser rx power high alarm                 :  Off
    Laser rx power low alarm                  :  On
    Laser rx power low warning                :  On
    Tx loss of signal functionality alarm     :  Off
    Laser rx power high alarm threshold       :  1.9953 mW / 3.00 dBm
    Laser rx power low alarm threshold        :  0.0158 mW / -18.01 dBm
    Laser bias current high alarm threshold   :  85.000 mA
    Laser bias current low alarm threshold    :  15.000 mA
Physical interface: ge-0/1/3
    Optical diagnostics                       :  N/A
"""

JUNOS_XML = """\
operator@mx-lab> show interfaces diagnostics optics | display xml
<rpc-reply xmlns:junos="http://xml.juniper.net/junos/23.4/junos">
  <interface-information xmlns="http://xml.juniper.net/junos/23.4/junos-interface" junos:style="normal">
    <physical-interface>
      <name>et-0/0/4</name>
      <optics-diagnostics>
        <module-temperature junos:celsius="41.5">42 degrees C / 107 degrees F</module-temperature>
        <module-voltage>3.290</module-voltage>
        <module-temperature-high-alarm>off</module-temperature-high-alarm>
        <module-temperature-high-alarm-threshold junos:celsius="75.0">75 degrees C / 167 degrees F
        </module-temperature-high-alarm-threshold>
        <laser-rx-power-low-alarm-threshold>0.0400</laser-rx-power-low-alarm-threshold>
        <laser-rx-power-low-alarm-threshold-dbm>-13.98</laser-rx-power-low-alarm-threshold-dbm>
        <laser-tx-power-high-warn-threshold>2.0000</laser-tx-power-high-warn-threshold>
        <optics-diagnostics-lane-values>
          <lane-index>0</lane-index>
          <laser-bias-current>38.2</laser-bias-current>
          <laser-output-power>1.0000</laser-output-power>
          <laser-rx-optical-power>0.5000</laser-rx-optical-power>
          <laser-rx-optical-power-dbm>-3.01</laser-rx-optical-power-dbm>
        </optics-diagnostics-lane-values>
        <optics-diagnostics-lane-values>
          <lane-index>1</lane-index>
          <laser-bias-current>37.9</laser-bias-current>
          <laser-output-power>0.0000</laser-output-power>
          <laser-rx-optical-power-dbm>- Inf</laser-rx-optical-power-dbm>
          <laser-rx-power-low-alarm>on</laser-rx-power-low-alarm>
          <tx-laser-disabled-alarm>on</tx-laser-disabled-alarm>
        </optics-diagnostics-lane-values>
      </optics-diagnostics>
    </physical-interface>
    <physical-interface>
      <name>ge-0/0/5</name>
      <optics-diagnostics><optic-diagnostics-not-available>N/A</optic-diagnostics-not-available></optics-diagnostics>
    </physical-interface>
  </interface-information>
</rpc-reply>

operator@mx-lab> """

SONIC = """\
admin@leaf-3:~$ show interfaces transceiver eeprom --dom
Ethernet0: SFP EEPROM detected
        Connector: MPO 1x12
        Identifier: QSFP28 or later
        Specification compliance: mm_media_interface
        Vendor Date Code(YYYY-MM-DD Lot): 2023-11-05 01
        Vendor Name: EXAMPLE OPTICS
        Vendor OUI: 00-ab-cd
        Vendor PN: EX-SR4-100
        Vendor Rev: 1A
        Vendor SN: EXQ2311050042
        ChannelMonitorValues:
                RX1Power: -1.25dBm
                RX2Power: -infdBm
                TX1Bias: 7.2mA
                TX1Power: -0.80dBm
                TX2Bias: 7.1mA
                TX2Power: N/A
        ChannelThresholdValues:
                RxPowerHighAlarm  : 3.4dBm
                RxPowerHighWarning: 2.4dBm
                RxPowerLowAlarm   : -14.0dBm
                RxPowerLowWarning : -10.0dBm
                TxBiasHighAlarm   : 10.0mA
                TxBiasLowAlarm    : 1.0mA
        ModuleMonitorValues:
                Temperature: 35.5C
                Vcc: 3.28Volts
        ModuleThresholdValues:
                TempHighAlarm  : 75.0C
                TempLowAlarm   : -5.0C
                VccHighAlarm   : 3.63Volts
                VccLowAlarm    : 2.97Volts
Ethernet4: SFP EEPROM Not detected
Ethernet8: SFP EEPROM detected
        Identifier: SFP/SFP+/SFP28
        Vendor Name: EXAMPLE OPTICS
        Vendor PN: EX-SR-25
        Vendor SN: EXS25001
        MonitorData:
                RXPower: -2.5dBm
                TXBias: 6.6mA
                TXPower: -1.9dBm
                Temperature: 30.0C
                Vcc: 3.30Volts
        ThresholdData:
                RxPowerHighAlarm  : 2.0dBm
                TempHighAlarm     : 80.0C
"""

ARUBA = """\
Transceiver in 1/1/3
  Interface Name      : 1/1/3
  Type                : SFP+SR
  Connector Type      : LC
  Wavelength          : 850nm
  Diagnostic Support  : DOM
  Product Number      : EX9150
  Serial Number       : EXA330021
  Part Number         : EX-1990-1

  Status
    Temperature : 43.20C
    Voltage     : 3.30V
    Tx Bias     : 6.46mA
    Rx Power    : 0.00mW, -inf
    Tx Power    : 0.59mW, -2.29dBm

  Recent Alarms:
    Rx Power low alarm
    Rx Power low warning

  Recent Errors:
    Rx loss of signal

Transceiver in 1/1/4
 Type: SFP28DAC3
 Serial Number : EXC0004-A
 % No DOM information available

Transceiver in 1/1/9
 Type: QSFP+LR4
  Temperature: 28.00C
  Temperature high alarm: Off
  Temperature high alarm threshold: 78.00C
  Temperature low alarm threshold: -5.00C
  Voltage: 3.25V

 Channel 1:
  Tx Bias: 33.10mA
  Tx Bias high alarm: On
  Tx Bias high alarm threshold: 32.00mA
  Tx Power: 1.26mW
  Tx Power high alarm threshold: 0.00mW
  Tx Power low alarm threshold: 0.00mW

 Channel 2:
  Tx Bias: 34.44mA
  Rx Power: 0.50mW
"""

ETHTOOL_QSFP = """\
root@host:~# ethtool -m enp5s0f1
\tIdentifier                                : 0x11 (QSFP28)
\tExtended identifier                       : 0xcc
\tConnector                                 : 0x0c (MPO Parallel Optic)
\tTransmitter technology                    : 0x00 (850 nm VCSEL)
\tLaser wavelength                          : 850.000nm
\tVendor name                               : EXAMPLE OPTICS
\tVendor OUI                                : 00:ab:cd
\tVendor PN                                 : EX-SR4-100
\tVendor rev                                : 02
\tVendor SN                                 : EXQ5550001
\tDate code                                 : 240131 7
\tRevision Compliance                       : SFF-8636 Rev 2.5/2.6/2.7
\tRx loss of signal                         : [ No, Yes ]
\tTx loss of signal                         : None
\tTx fault                                  : None
\tModule temperature                        : 33.10 degrees C / 91.58 degrees F
\tModule voltage                            : 3.2900 V
\tAlarm/warning flags implemented           : Yes
\tLaser tx bias current (Channel 1)         : 7.000 mA
\tLaser tx bias current (Channel 2)         : 7.100 mA
\tTransmit avg optical power (Channel 1)    : 1.0000 mW / 0.00 dBm
\tTransmit avg optical power (Channel 2)    : 0.5012 mW / -3.00 dBm
\tRcvr signal avg optical power(Channel 1)  : 0.5012 mW / -3.00 dBm
\tRcvr signal avg optical power(Channel 2)  : 0.0000 mW / -inf dBm
\tLaser rx power low alarm   (Channel 1)    : Off
\tLaser rx power low alarm   (Channel 2)    : On
\tLaser bias current high alarm   (Chan 1)  : Off
\tLaser rx power low alarm threshold        : 0.0500 mW / -13.01 dBm
"""

ETHTOOL_JSON = """\
[ {
    "identifier": 3,
    "identifier_description": "SFP",
    "connector": 7,
    "connector_description": "LC",
    "laser_wavelength": 1310,
    "vendor_name": "EXAMPLE OPTICS",
    "vendor_oui": [ 0,171,205 ],
    "vendor_pn": "EX-LR-10",
    "vendor_sn": "EXS0099",
    "date_code": "231224",
    "optical_diagnostics_support": true,
    "laser_tx_bias_current": 30.5,
    "transmit_avg_optical_power": 0.5,
    "rx_power": { "value": 0, "type": "Receiver signal average optical power" },
    "module_temperature_measurement": 41.25,
    "module_voltage_measurement": 3.31,
    "laser_rx_power_low_alarm": true,
    "laser_rx_power_high_alarm": false,
    "module_temperature_high_alarm": "Off",
    "module_temperature": { "high_alarm_threshold": 78, "low_alarm_threshold": -8 },
    "laser_rx_power": { "high_alarm_threshold": 1.0, "low_alarm_threshold": 0 }
} ]
"""

EOS_JSON = """\
{"jsonrpc": "2.0", "id": "1", "result": [{"interfaces": {
  "Ethernet5/1": {"displayName": "Ethernet5/1", "slot": "Ethernet5", "channel": "1", "vendorSn": "EXQ71",
    "mediaType": "100GBASE-LR4", "temperature": 31.5, "voltage": 3.29, "txBias": 40.1, "txPower": -0.5, "rxPower": -3.2,
    "details": {"txPower": {"highAlarm": 5.0, "highWarn": 4.0, "lowWarn": -4.3, "lowAlarm": -8.3}}},
  "Ethernet5/2": {"displayName": "Ethernet5/2", "slot": "Ethernet5", "channel": "2", "vendorSn": "EXQ71",
    "mediaType": "100GBASE-LR4", "temperature": 31.5, "voltage": 3.29, "txBias": 41.0, "txPower": -0.7,
    "rxPower": "-Inf"},
  "Ethernet6": {"parameters": {"rxPower": {"channels": {"1": -2.5, "2": -40.0}, "threshold": {"lowAlarm": -12.0}},
    "temperature": {"channels": {"-": 29.0}}}, "mediaType": "40GBASE-SR4", "txPower": null},
  "Ethernet7": {}
}}]}
"""

NXOS_LANES = """\
Ethernet1/63
    transceiver is present
    type is QSFP-DD-400G-DR4
    name is EXAMPLE OPTICS
    part number is EX-DR4
    serial number is EXD63001
    Nominal transmitter wavelength is 1311.00 nm
    vendor OUI is 00abcd
    date code is 240422
    media interface is 1310 nm EML

Lane Number:1 Network Lane
    ----------------------------------------------------------------------------
                Current              Alarms                  Warnings
                Measurement     High        Low         High          Low
    ----------------------------------------------------------------------------
    Temperature   21.02 C        80.00 C     -5.00 C     75.00 C        0.00 C
    Current           N/A       120.00 mA    20.00 mA   110.00 mA      30.00 mA
    Rx Power          N/A         6.99 dBm   -9.91 dBm    3.99 dBm     -5.90 dBm

Lane Number:2 Network Lane
    ----------------------------------------------------------------------------
                Current              Alarms                  Warnings
                Measurement     High        Low         High          Low
    ----------------------------------------------------------------------------
    Current         62.50 mA    120.00 mA    20.00 mA   110.00 mA      30.00 mA
"""

NXOS_COPPER = """\
Ethernet1/45
    transceiver is present
    type is QSFP-40G-CR4
    name is EXAMPLE CABLES
    serial number is EXC45-A
    Link length supported for copper is 1 m

DOM is not supported
"""

IOS_XE_IDPROM = """\
IDPROM for transceiver Te0/0/7:
  Description                               = SFP+ optics (type 130)
  Transceiver Type:                         = SFP+ 10GBASE-SR (273)
  Product Identifier (PID)                  = SFP-10G-SR
  Vendor Revision                           = G4.1
  Serial Number (SN)                        = EXR770012
  Vendor Name                               = EXAMPLE OPTICS
  Vendor OUI (IEEE company ID)              = 00.AB.CD (43981)
  Date code (yy/mm/dd)                      = 23/09/26
  Connector type                            = LC.
  Nominal laser wavelength                  = 850 nm.
  Diagnostic monitoring                     = Digital diagnostics supported

                                High Alarm  High Warn  Low Warn   Low Alarm
             Temperature        Threshold   Threshold  Threshold  Threshold
Port         (Celsius)          (Celsius)   (Celsius)  (Celsius)  (Celsius)
---------    -----------------  ----------  ---------  ---------  ---------
Te0/0/7      26.9                   75.0       70.0        0.0       -5.0
"""

ETHTOOL_ONES = """\
\tIdentifier                                : 0xff (reserved or unknown)
\tVendor name                               : EXAMPLE OPTICS
\tModule temperature                        : 0.00 degrees C / 32.00 degrees F
\tModule temperature high alarm             : On
\tModule temperature low alarm              : On
\tModule temperature high warning           : On
\tModule temperature low warning            : On
"""

IOSXR_XFP = """\
XFP EEPROM  port: 0
        Xcvr Type: XFP
        Vendor Name EXAMPLE OPTICS
        Vendor Part Number EX-XFP-LR   (rev.: 00)
        Wavelength: 1310.000 nm
        Vendor Serial Number: EXX11DQ
        Date Code  (yy/mm/dd): 21/07/16  lot code:
        Thresholds:                    Alarm High         Warning High          Warning Low            Alarm Low
              Temperature:               90.000                85.000                -5.000               -10.000
                  Voltage:           0.000 Volt            0.000 Volt            0.000 Volt            0.000 Volt
   Receive Power:  1.17490 mW (0.70001 dBm)  0.79430 mW (-1.00015 dBm)  0.01000 mW (-20.00000 dBm)  0.00400 mW (-2
        Temperature: 33.074
        Lane 0 Tx power: 0.74 mW ( -1.30 dBm)
        Lane 1 Tx power: 0.70 mW ( -1.54 dBm)
        Rx Power:  0.000 mW (<-40.00 dBm)
        Oper. Status/Control: LOS,
"""

JUNOS_HARDWARE = """\
Hardware inventory:
Item             Version  Part number  Serial number     Description
Chassis                                EXCHASSIS1        MX-lab
FPC 1            REV 14   750-000001   EXFPC001          MPC lab
  CPU            REV 05   711-000001   EXCPU001          CPU
  PIC 2                   BUILTIN      BUILTIN           4x 10GE(LAN) SFP+
    Xcvr 0       REV 01   740-000001   EXJ000000000011   SFP+-10G-SR
    Xcvr 3                NON-JNPR     EXJ12             SFP+-10G-CU3M
Fan Tray 0       REV 01   710-000001   EXFAN             Fan
"""

JUNOS_PIC = """\
FPC slot 0, PIC slot 1 information:
  Type                             48x 10G-SFP+
  State                            Online

PIC port information:
                         Fiber                    Xcvr vendor       Wave-    Xcvr          JNPR
  Port Cable type        type  Xcvr vendor        part number       length   Firmware      Rev
  5    10GBASE LR        SM    EXAMPLE OPTICS     EX-LR-10          1310 nm  0.0           REV 01
  9    40GBASE CR4       n/a   EXAMPLE CABLES     EX-CR4            n/a      0.0
"""
