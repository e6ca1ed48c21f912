"""The demo: Saltmere, a fictional harbour town, and the replay of real days against a running server."""
