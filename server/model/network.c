/* server/model/network.c */
#include "model/network.h"

#include "model/problem.h"

#include <arpa/inet.h>
#include <string.h>

#define V4_BITS 96 /* of ::ffff:0:0 before the address */

struct in6_addr ip_of_v4(struct in_addr v4)
{
    struct in6_addr a = { 0 };

    a.s6_addr[10] = a.s6_addr[11] = 0xFF;
    memcpy(&a.s6_addr[12], &v4, sizeof v4);
    return a;
}

bool ip_parse(struct text given, struct in6_addr *out)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;

    if (!given.length || given.length >= sizeof text || memchr(given.at, 0, given.length))
        return false;
    memcpy(text, given.at, given.length);
    text[given.length] = 0;
    if (inet_pton(AF_INET, text, &v4) == 1) {
        *out = ip_of_v4(v4);
        return true;
    }
    return inet_pton(AF_INET6, text, out) == 1;
}

struct text ip_text(struct task *t, const struct in6_addr *ip)
{
    char *at = task_alloc(t, INET6_ADDRSTRLEN);
    bool v4 = IN6_IS_ADDR_V4MAPPED(ip);
    const void *octets = v4 ? (const void *)&ip->s6_addr[12] : (const void *)ip;

    if (!inet_ntop(v4 ? AF_INET : AF_INET6, octets, at, INET6_ADDRSTRLEN))
        return TEXT("");
    return text_of(at);
}

/* Written as IPv4 or as IPv6: the prefix counts the bits of what is written. */
bool network_parse(struct text given, struct network *out)
{
    size_t slash = text_find(given, '/');
    struct text address = text_part(given, 0, slash), prefix = text_part(given, slash + 1, given.length);
    int64_t most = text_find(address, ':') == TEXT_NOT_FOUND ? 32 : 128, bits = most;

    if (!ip_parse(address, &out->address))
        return false;
    if (slash != TEXT_NOT_FOUND && (prefix.length > 3 || text_starts(prefix, TEXT("-")) || !text_to_int64(prefix, &bits) || bits > most))
        return false;
    out->bits = (unsigned)(bits + 128 - most);
    return true;
}

bool network_covers(const struct network *n, const struct in6_addr *ip)
{
    unsigned octets = n->bits / 8, rest = n->bits % 8;

    if (memcmp(&n->address, ip, octets) != 0)
        return false;
    return rest == 0 || (n->address.s6_addr[octets] ^ ip->s6_addr[octets]) >> (8 - rest) == 0;
}

bool networks_cover(const struct networks *n, const struct in6_addr *ip)
{
    for (size_t i = 0; i < n->count; i++)
        if (network_covers(&n->items[i], ip))
            return true;
    return false;
}

static bool has_bits_behind(const struct network *n)
{
    for (unsigned bit = n->bits; bit < 128; bit++)
        if (n->address.s6_addr[bit / 8] & (0x80 >> bit % 8))
            return true;
    return false;
}

enum outcome network_canon(struct task *t, const char *field, struct text given, struct text *out)
{
    struct network n;
    unsigned before;

    if (!network_parse(text_trim(given), &n))
        return task_problem(t, field, &problem_bad_network);
    before = IN6_IS_ADDR_V4MAPPED(&n.address) && n.bits >= V4_BITS ? V4_BITS : 0;
    if (has_bits_behind(&n))
        return task_problem_figure(t, field, &problem_network_host_bits, "max", n.bits - before);
    *out = ip_text(t, &n.address);
    if (n.bits < 128)
        *out = task_join(t, *out, task_printf(t, "/%u", n.bits - before));
    return DONE;
}

bool network_holds(struct text network, struct text address)
{
    struct in6_addr ip;
    struct network n;

    return network_parse(network, &n) && ip_parse(address, &ip) && network_covers(&n, &ip);
}

bool networks_hold(const struct texts *networks, struct text address)
{
    for (size_t i = 0; i < networks->count; i++)
        if (network_holds(networks->items[i], address))
            return true;
    return networks->count == 0;
}

bool network_within(struct text inner, struct text outer)
{
    struct network small, large;

    return network_parse(inner, &small) && network_parse(outer, &large) && small.bits >= large.bits
        && network_covers(&large, &small.address);
}
