"""Recordings of calls and voice messages: encrypted where they lie, heard by who may, gone when their time is over."""
