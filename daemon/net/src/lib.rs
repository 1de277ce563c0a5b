//! SIP sockets over UDP, TCP and TLS, multicast PnP, DNS. IO only.
