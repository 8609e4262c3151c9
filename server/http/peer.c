/* server/http/peer.c */
#include "http/peer.h"

#include <arpa/inet.h>
#include <string.h>

static struct in6_addr mapped(struct in_addr v4)
{
    struct in6_addr a = { 0 };

    a.s6_addr[10] = a.s6_addr[11] = 0xFF;
    memcpy(&a.s6_addr[12], &v4, sizeof v4);
    return a;
}

bool peer_parse(struct text given, struct in6_addr *out)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;

    if (!given.length || given.length >= sizeof text || memchr(given.at, 0, given.length))
        return false;
    memcpy(text, given.at, given.length);
    text[given.length] = 0;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *out = mapped(v4);
        return true;
    }
    return inet_pton(AF_INET6, text, out) == 1;
}

struct in6_addr peer_of_socket(const struct sockaddr *address)
{
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;

    if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        return v6.sin6_addr;
    }
    memcpy(&v4, address, sizeof v4);
    return mapped(v4.sin_addr);
}

bool peer_is_loopback(const struct in6_addr *peer)
{
    return IN6_IS_ADDR_LOOPBACK(peer) || (IN6_IS_ADDR_V4MAPPED(peer) && peer->s6_addr[12] == 127);
}

struct text peer_text(struct task *t, const struct in6_addr *peer)
{
    char *at = task_alloc(t, INET6_ADDRSTRLEN);
    bool v4 = IN6_IS_ADDR_V4MAPPED(peer);
    const void *octets = v4 ? (const void *)&peer->s6_addr[12] : (const void *)peer;

    if (!inet_ntop(v4 ? AF_INET : AF_INET6, octets, at, INET6_ADDRSTRLEN))
        return TEXT("");
    return text_of(at);
}

bool network_parse(struct text given, struct network *out)
{
    size_t slash = text_find(given, '/');
    int64_t bits = 0, most;

    if (!peer_parse(text_part(given, 0, slash), &out->address))
        return false;
    most = IN6_IS_ADDR_V4MAPPED(&out->address) ? 32 : 128;
    if (slash == TEXT_NOT_FOUND)
        bits = most;
    else if (!text_to_int64(text_part(given, slash + 1, given.length), &bits) || bits < 0 || bits > most)
        return false;
    out->bits = (unsigned)(bits + 128 - most);
    return true;
}

static bool network_holds(const struct network *n, const struct in6_addr *peer)
{
    unsigned octets = n->bits / 8, rest = n->bits % 8;

    if (memcmp(&n->address, peer, octets) != 0)
        return false;
    return rest == 0 || (n->address.s6_addr[octets] ^ peer->s6_addr[octets]) >> (8 - rest) == 0;
}

bool networks_hold(const struct networks *n, const struct in6_addr *peer)
{
    for (size_t i = 0; i < n->count; i++)
        if (network_holds(&n->items[i], peer))
            return true;
    return false;
}

/* Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711". */
static struct text without_port(struct text entry)
{
    size_t colon = text_find(entry, ':');

    if (text_starts(entry, TEXT("["))) {
        size_t close = text_find(entry, ']');

        return close == TEXT_NOT_FOUND ? entry : text_part(entry, 1, close - 1);
    }
    if (colon == TEXT_NOT_FOUND || colon != text_find_last(entry, ':'))
        return entry;
    return text_part(entry, 0, colon);
}

struct in6_addr peer_client(const struct networks *trusted, struct in6_addr peer, struct text forwarded_for)
{
    struct in6_addr client = peer, named;

    while (forwarded_for.length && networks_hold(trusted, &client)) {
        size_t comma = text_find_last(forwarded_for, ',');
        size_t start = comma == TEXT_NOT_FOUND ? 0 : comma + 1;
        struct text entry = text_part(forwarded_for, start, forwarded_for.length);

        if (!peer_parse(without_port(text_trim(entry)), &named))
            break; /* "unknown" or nonsense: the proxy that wrote it is the last we know */
        client = named;
        forwarded_for = text_part(forwarded_for, 0, start ? start - 1 : 0);
    }
    return client;
}
