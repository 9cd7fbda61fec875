"""The addresses of a host, and whether they are public: a server that fetches what others name stays out of its own
network.

Source: the IANA special-purpose address registries for IPv4 and IPv6; RFC 6890.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

# Not global, whatever the Python release says of it: IETF assignments, the 6to4 relays, and multicast and reserved.
_NOT_PUBLIC_4 = [ip_network(text) for text in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/3")]
_GLOBAL_6 = IPv6Network("2000::/3")  # all that is assigned: IPv4-mapped, NAT64, link-local, … lie outside
# Inside it: IETF assignments with Teredo, examples, and 6to4, which carries an IPv4 address.
_NOT_PUBLIC_6 = [ip_network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]


def addresses_of(host: str) -> list[str]:
    """All addresses of a host as the system resolves it. Raises OSError where there are none."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet; what is no IP address is not."""
    try:
        parsed: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return parsed.is_global and not any(parsed in network for network in _NOT_PUBLIC_4)
    public = parsed in _GLOBAL_6 and parsed.is_global and parsed.scope_id is None
    return public and not any(parsed in network for network in _NOT_PUBLIC_6)
