/* tests/outside/tls_peer.h - tls_peer.py as a process of this test */
#ifndef POSTREEVE_TESTS_OUTSIDE_TLS_PEER_H
#define POSTREEVE_TESTS_OUTSIDE_TLS_PEER_H

#include <stdint.h>
#include <sys/types.h>

struct tls_peer {
    pid_t pid;
    int input; /* it ends with this */
    int64_t port;
    char ca_file[256];
};

/* `mode`: "starttls", "wrapped", "https"; `name`: whose certificate; `expired`: NULL or "expired". */
void tls_peer_open(struct tls_peer *p, const char *mode, const char *name, const char *expired);
void tls_peer_close(struct tls_peer *p);

#endif
