"""scripts/bench: what a request costs sessions-fcgi and its peers, each behind an nginx of its own.

`peers` says what is compared and `works` what is asked of each; `rounds` asks them by turns and
`processes` takes what it cost; `report` and `chart` tell. `growth` and `load` are the other modes.
"""
