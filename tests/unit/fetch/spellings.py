"""Addresses that are not public, in every spelling that some resolver or parser takes for one."""

from __future__ import annotations

LOOPBACK = """
http://127.0.0.1/ http://127.1/ http://127.0.1/ http://127.255.255.254/ http://2130706433/ http://0x7f000001/
http://0x7f.0.0.1/ http://0x7f.0x0.0x0.0x1/ http://0x7f.1/ http://0177.0.0.1/ http://0127.0.0.1/ http://00000177.0.0.1/
http://017700000001/ http://127.0.0.1./ http://0/ http://0.0.0.0/ http://localhost/ http://LOCALHOST/ http://localhost./
http://[::1]/ http://[0:0:0:0:0:0:0:1]/ http://[::]/ http://[::127.0.0.1]/ http://[::ffff:127.0.0.1]/
http://[::ffff:7f00:1]/ http://[::ffff:0:127.0.0.1]/ http://[64:ff9b::7f00:1]/ http://[64:ff9b::127.0.0.1]/
http://[64:ff9b:1::7f00:1]/ http://[2002:7f00:1::]/ http://[2001:0:0:0:0:0:7f00:1]/ http://[::1%25]/ http://[::1%25lo]/
"""
PRIVATE = """
http://10.0.0.1/ http://10.1/ http://172.16.0.1/ http://172.31.255.254/ http://192.168.1.1/ http://192.168.257/
http://100.64.0.1/ http://100.100.100.200/ http://169.254.169.254/latest/meta-data/ http://[::ffff:a9fe:a9fe]/
http://[0:0:0:0:0:ffff:a9fe:a9fe]/ http://192.0.0.192/ http://192.0.2.1/ http://198.18.0.1/ http://198.51.100.1/
http://203.0.113.1/ http://224.0.0.1/ http://240.0.0.1/ http://255.255.255.255/ http://[fe80::1]/ http://[fe80::1%25lo]/
http://[fec0::1]/ http://[fc00::1]/ http://[fd00:ec2::254]/ http://[ff02::1]/ http://[2001:db8::1]/ http://[3fff::1]/
"""
NAMES = """
http://inside.test/ http://INSIDE.test./ http://meta.test/ http://mixed.test/ http://mixed6.test/ http://mapped.test/
"""
TRICKS = """
http://127。0。0。1/ http://①②⑦.0.0.1/ http://%31%32%37.0.0.1/ http://ⓛocalhost/ http://127.0.0.1%00.good.test/
http://good.test@127.0.0.1/ http://good.test:80@127.0.0.1:80/ http://good.test:22@127.0.0.1/
http://127.0.0.1:80#@good.test/ http://127.0.0.1\\@good.test/ http://127.0.0.1:0/ http://127.0.0.1:99999/
http://127.0.0.256/ //127.0.0.1/ http:127.0.0.1 http:///127.0.0.1 http:/\\127.0.0.1/
file:///etc/passwd ftp://127.0.0.1/ gopher://127.0.0.1/ dict://127.0.0.1:1/ unix:///run/x feed://127.0.0.1/
"""
SPELLINGS = [url for group in (LOOPBACK, PRIVATE, NAMES, TRICKS) for url in group.split()]
