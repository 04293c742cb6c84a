"""The unit of each parameter, and how many digits behind the point are shown of it."""

UNITS = {"temperature_c": "°C", "voltage_v": "V", "tx_bias_ma": "mA", "tx_power_dbm": "dBm", "rx_power_dbm": "dBm"}
DIGITS = {"temperature_c": 1, "voltage_v": 3, "tx_bias_ma": 2, "tx_power_dbm": 2, "rx_power_dbm": 2}
