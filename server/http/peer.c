/* server/http/peer.c */
#include "http/peer.h"

#include <string.h>

struct in6_addr peer_of_socket(const struct sockaddr *address)
{
    struct sockaddr_in6 v6;
    struct sockaddr_in v4;

    if (address->sa_family == AF_INET6) {
        memcpy(&v6, address, sizeof v6);
        return v6.sin6_addr;
    }
    memcpy(&v4, address, sizeof v4);
    return ip_of_v4(v4.sin_addr);
}

bool peer_is_loopback(const struct in6_addr *peer)
{
    return IN6_IS_ADDR_LOOPBACK(peer) || (IN6_IS_ADDR_V4MAPPED(peer) && peer->s6_addr[12] == 127);
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

    while (forwarded_for.length && networks_cover(trusted, &client)) {
        size_t comma = text_find_last(forwarded_for, ',');
        size_t start = comma == TEXT_NOT_FOUND ? 0 : comma + 1;
        struct text entry = text_part(forwarded_for, start, forwarded_for.length);

        if (!ip_parse(without_port(text_trim(entry)), &named))
            break; /* "unknown" or nonsense: the proxy that wrote it is the last we know */
        client = named;
        forwarded_for = text_part(forwarded_for, 0, start ? start - 1 : 0);
    }
    return client;
}
