"""The gateway: sensors over MQTT become signed EPCIS events. A process of its own, with a database of its own."""
