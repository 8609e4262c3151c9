/* tests/outside/tls_peer.c */
#include "tls_peer.h"

#include "support/support.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

void tls_peer_open(struct tls_peer *p, const char *mode, const char *name, const char *expired)
{
    int to[2], from[2], got;
    FILE *said;

    assert_int_equal(pipe2(to, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0) {
        dup2(to[0], STDIN_FILENO);
        dup2(from[1], STDOUT_FILENO);
        execlp("python3", "python3", "-I", TLS_PEER, mode, name, expired, (char *)NULL);
        _exit(127);
    }
    close(to[0]);
    close(from[1]);
    p->input = to[1];
    said = fdopen(from[0], "r");
    assert_non_null(said);
    got = fscanf(said, "%" SCNd64 " %255s", &p->port, p->ca_file);
    fclose(said);
    assert_int_equal(got, 2);
}

void tls_peer_close(struct tls_peer *p)
{
    int status;

    close(p->input);
    assert_int_equal(waitpid(p->pid, &status, 0), p->pid);
    assert_int_equal(status, 0);
}
