//! RTP sockets and the threads that relay them. IO only.
