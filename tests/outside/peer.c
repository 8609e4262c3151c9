/* tests/outside/peer.c */
#include "peer.h"

#include "support/support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEARD_MAX ((size_t)1 << 20)

const char PEER_HANGS_UP[] = "";

const struct peer_row smtp_rows[] = {
    { "", "220 peer.test ESMTP\r\n" },
    { "EHLO", "250-peer.test\r\n250-SIZE 1000000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n" },
    { "AUTH PLAIN", "334 \r\n" },
    { "secret", "235 2.7.0 welcome\r\n" },
    { "DATA", "354 go on\r\n" },
    { ".", "250 2.0.0 Ok: queued as 4F1\r\n" },
    { "QUIT", "221 2.0.0 Bye\r\n" },
    { "MAIL", "250 2.1.0 Ok\r\n" },
    { "RCPT", "250 2.1.5 Ok\r\n" },
    { NULL, NULL },
};

struct peer {
    struct peer_plan plan;
    pthread_t thread;
    int listener, stop[2];
    int64_t port;
    size_t connections, heard, read;
    char octets[HEARD_MAX + 1];
};

/* Waits for something to read, or for the stop: false. */
static int readable(struct peer *p, int fd)
{
    struct pollfd both[] = { { .fd = fd, .events = POLLIN }, { .fd = p->stop[0], .events = POLLIN } };

    while (poll(both, 2, -1) < 0)
        ;
    return both[1].revents == 0;
}

/* One more piece behind what was heard; 0 when the other one has gone, or at the stop. */
static int hear(struct peer *p, int fd)
{
    ssize_t got;

    if (p->heard == HEARD_MAX || !readable(p, fd))
        return 0;
    got = recv(fd, p->octets + p->heard, HEARD_MAX - p->heard, 0);
    if (got > 0)
        p->heard += (size_t)got;
    return got > 0;
}

static const char *answer_to(const struct peer *p, const char *line)
{
    const struct peer_row *tables[] = { p->plan.rows, p->plan.usual };

    for (size_t i = 0; i < COUNT(tables); i++)
        for (const struct peer_row *row = tables[i]; row && row->starts; row++)
            if (row->starts[0] ? strncasecmp(line, row->starts, strlen(row->starts)) == 0 : line[0] == '\0')
                return row->answer;
    return "250 ok\r\n";
}

/* 0: the connection is over. */
static int say(struct peer *p, int fd, const char *answer)
{
    if (answer == PEER_HANGS_UP)
        return 0;
    if (!answer) {
        while (hear(p, fd))
            ;
        return 0;
    }
    return send(fd, answer, strlen(answer), MSG_NOSIGNAL) >= 0;
}

/* The next whole line from where we have read to, NUL-terminated in `line`. */
static int next_line(struct peer *p, int fd, char *line, size_t room)
{
    for (;;) {
        char *from = p->octets + p->read, *end = memchr(from, '\n', p->heard - p->read);

        if (end) {
            size_t length = (size_t)(end - from) + 1, kept = length < room ? length : room - 1;

            memcpy(line, from, kept);
            line[kept] = '\0';
            p->read += length;
            return 1;
        }
        if (!hear(p, fd))
            return 0;
    }
}

static void converse(struct peer *p, int fd)
{
    int in_letter = 0, in_auth = 0;
    char line[2048];

    if (!say(p, fd, answer_to(p, "")))
        return;
    while (next_line(p, fd, line, sizeof line)) {
        const char *answer;

        if (in_letter && strcmp(line, ".\r\n") != 0)
            continue;
        answer = in_auth ? answer_to(p, "secret") : answer_to(p, line);
        in_letter = answer && strncmp(answer, "354", 3) == 0;
        in_auth = answer && strncmp(answer, "334", 3) == 0;
        if (!say(p, fd, answer))
            return;
    }
}

static void serve_http(struct peer *p, int fd)
{
    char line[2048];
    size_t body = 0, from;

    while (next_line(p, fd, line, sizeof line) && strcmp(line, "\r\n") != 0)
        if (strncasecmp(line, "Content-Length:", 15) == 0)
            body = strtoul(line + 15, NULL, 10);
    from = p->read;
    while (p->heard < from + body && hear(p, fd))
        ;
    p->read = p->heard;
    say(p, fd, answer_to(p, "."));
}

static void *serve(void *context)
{
    struct peer *p = context;

    while (readable(p, p->listener)) {
        int fd = accept(p->listener, NULL, NULL);

        if (fd < 0)
            continue;
        p->connections++;
        if (p->plan.http)
            serve_http(p, fd);
        else
            converse(p, fd);
        p->read = p->heard;
        close(fd);
    }
    return NULL;
}

struct peer *peer_open(const struct peer_plan *plan)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof at;
    struct peer *p = calloc(1, sizeof *p);

    assert_non_null(p);
    p->plan = *plan;
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(p->listener >= 0);
    assert_int_equal(bind(p->listener, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(p->listener, 8), 0);
    assert_int_equal(getsockname(p->listener, (struct sockaddr *)&at, &length), 0);
    p->port = ntohs(at.sin_port);
    assert_int_equal(pipe(p->stop), 0);
    assert_int_equal(pthread_create(&p->thread, NULL, serve, p), 0);
    return p;
}

int64_t peer_port(const struct peer *p)
{
    return p->port;
}

void peer_stop(struct peer *p)
{
    if (p->stop[1] < 0)
        return;
    close(p->stop[1]);
    p->stop[1] = -1;
    pthread_join(p->thread, NULL);
}

const char *peer_heard(const struct peer *p)
{
    return p->octets;
}

size_t peer_connections(const struct peer *p)
{
    return p->connections;
}

void peer_close(struct peer *p)
{
    peer_stop(p);
    close(p->stop[0]);
    close(p->listener);
    free(p);
}
