/* server/http/listener.c */
#include "http/listener.h"

#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 1024

static void set_address(struct listener *l, const struct in6_addr *host, in_port_t port)
{
    struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_addr = *host, .sin6_port = port };
    struct sockaddr_in v4 = { .sin_family = AF_INET, .sin_port = port };

    if (IN6_IS_ADDR_V4MAPPED(host)) {
        memcpy(&v4.sin_addr, &host->s6_addr[12], sizeof v4.sin_addr);
        memcpy(&l->address, &v4, sizeof v4);
        l->length = sizeof v4;
    } else {
        memcpy(&l->address, &v6, sizeof v6);
        l->length = sizeof v6;
    }
    l->loopback = peer_is_loopback(host);
}

static bool host_of(struct text given, struct in6_addr *out)
{
    if (text_equal(given, TEXT("*"))) {
        *out = in6addr_any;
        return true;
    }
    if (text_equal_folded(given, TEXT("localhost")))
        given = TEXT("127.0.0.1");
    if (text_starts(given, TEXT("[")) && text_ends(given, TEXT("]")))
        return ip_parse(text_part(given, 1, given.length - 2), out) && !IN6_IS_ADDR_V4MAPPED(out);
    return ip_parse(given, out) && IN6_IS_ADDR_V4MAPPED(out);
}

static enum outcome read_listen(struct text given, struct listener *out)
{
    size_t colon = text_find_last(given, ':');
    struct in6_addr host;
    int64_t port = 0;

    if (colon == TEXT_NOT_FOUND || !host_of(text_part(given, 0, colon), &host)
        || !text_to_int64(text_part(given, colon + 1, given.length), &port) || port < 1 || port > 65535) {
        log_line(LOG_FAULT, "[server] listen = %.*s: expected ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080",
                 (int)given.length, given.at);
        return INVALID;
    }
    set_address(out, &host, htons((in_port_t)port));
    return DONE;
}

static enum outcome read_proxies(struct task *t, const struct texts *given, struct networks *out)
{
    out->items = task_alloc(t, (given->count + 1) * sizeof *out->items);
    for (size_t i = 0; i < given->count; i++) {
        if (!network_parse(given->items[i], &out->items[out->count++])) {
            log_line(LOG_FAULT,
                     "[server] trusted_proxies: %.*s: expected an address or a network, as 10.0.0.0/8",
                     (int)given->items[i].length, given->items[i].at);
            return INVALID;
        }
    }
    return DONE;
}

enum outcome listener_plan(struct task *t, const struct server_settings *s, struct listener *out)
{
    enum outcome o;

    *out = (struct listener){ .tls = s->tls_certificate.length > 0 };
    o = read_listen(s->listen, out);
    if (o == DONE)
        o = read_proxies(t, &s->trusted_proxies, &out->trusted);
    if (o == DONE && !out->loopback && !out->tls && out->trusted.count == 0) {
        log_line(LOG_FAULT,
                 "[server] listen = %.*s can be reached from other machines, and passwords would travel "
                 "in clear: give tls_certificate and tls_key, or trusted_proxies, or listen on 127.0.0.1",
                 (int)s->listen.length, s->listen.at);
        return INVALID;
    }
    return o;
}

static enum outcome could_not(const struct server_settings *s, int error)
{
    log_line(LOG_FAULT, "cannot listen on %.*s: %s", (int)s->listen.length, s->listen.at, strerror(error));
    return error == EACCES || error == EPERM ? DENIED : RETRY;
}

enum outcome listener_open(const struct server_settings *s, const struct listener *l, int *out)
{
    int family = l->address.ss_family, on = 1, off = 0;
    int made = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error;

    if (made < 0)
        return could_not(s, errno);
    /* After a restart the port is free at once; "*" takes IPv4 as well. */
    if (setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0
        && (family != AF_INET6 || setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0)
        && bind(made, (const struct sockaddr *)&l->address, l->length) == 0 && listen(made, BACKLOG) == 0) {
        *out = made;
        return DONE;
    }
    error = errno;
    close(made);
    return could_not(s, error);
}

bool listener_admits(const struct listener *l, const struct sockaddr *peer)
{
    struct in6_addr from = peer_of_socket(peer);

    return l->tls || peer_is_loopback(&from) || networks_cover(&l->trusted, &from);
}
