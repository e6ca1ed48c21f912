"""An Asterisk of our own: found or unpacked, configured from the settings, started and watched."""
