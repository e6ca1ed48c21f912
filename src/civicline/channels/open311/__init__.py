"""Open311 GeoReport v2: apps of residents and of other bodies report and follow requests, in XML and JSON."""
