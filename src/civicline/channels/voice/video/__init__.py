"""Calls with a picture, for residents who sign: who offers them, who takes them, and who is on one."""
