"""A WinRM endpoint of our own ([MS-WSMV], the cmd shell): pywinrm talks to it as it would to Windows.

`Endpoint` (server.py) speaks HTTP and SOAP; an `Executor` (executor.py) runs what is asked. Meant for loopback and test
namespaces only: it checks passwords, but it is no hardened server.
"""
