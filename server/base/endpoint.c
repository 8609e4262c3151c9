/* server/base/endpoint.c */
#include "base/endpoint.h"

#include <arpa/inet.h>

#define PORT_MAX 65535

static bool is_ipv6(struct task *t, struct text given)
{
    struct in6_addr unused;
    size_t zone = text_find(given, '%'); /* fe80::1%eth0 */

    return inet_pton(AF_INET6, task_c_string(t, text_part(given, 0, zone)), &unused) == 1;
}

static const char *take_port(struct text given, struct endpoint *out)
{
    if (!text_to_int64(given, &out->port) || out->port < 1 || out->port > PORT_MAX)
        return "has no port from 1 to 65535 behind the colon";
    return NULL;
}

static const char *bracketed(struct task *t, struct text given, struct endpoint *out)
{
    size_t end = text_find(given, ']');
    struct text behind;

    if (end == TEXT_NOT_FOUND || !is_ipv6(t, text_part(given, 1, end - 1)))
        return "has no IPv6 address in its brackets";
    out->host = task_copy(t, text_part(given, 1, end - 1));
    behind = text_part(given, end + 1, given.length);
    if (behind.length == 0)
        return NULL;
    return behind.at[0] == ':' ? take_port(text_part(behind, 1, behind.length), out) : "goes on behind the bracket";
}

const char *endpoint_parse(struct task *t, struct text given, struct endpoint *out)
{
    size_t first = text_find(given, ':');

    *out = (struct endpoint){ 0 };
    if (text_find(given, ' ') != TEXT_NOT_FOUND || text_find(given, '\t') != TEXT_NOT_FOUND)
        return "holds a blank; several servers have commas between them";
    if (text_starts(given, TEXT("[")))
        return bracketed(t, given, out);
    if (first != text_find_last(given, ':')) {
        out->host = task_copy(t, given);
        return is_ipv6(t, given) ? NULL : "is no IPv6 address (before a port it needs brackets: [::1]:3306)";
    }
    out->host = task_copy(t, text_part(given, 0, first));
    if (out->host.length == 0)
        return "names no host";
    if (first == TEXT_NOT_FOUND)
        return NULL;
    if (endpoint_is_local(out))
        return "has a port, but localhost means the socket: write 127.0.0.1";
    return take_port(text_part(given, first + 1, given.length), out);
}

bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
    return text_equal_folded(a->host, b->host) && a->port == b->port;
}

struct text endpoint_text(struct task *t, const struct endpoint *e)
{
    struct text host = endpoint_is_local(e) ? TEXT("localhost") : e->host;

    if (text_find(host, ':') != TEXT_NOT_FOUND)
        host = task_join(t, task_join(t, TEXT("["), host), TEXT("]"));
    return e->port && !endpoint_is_local(e) ? task_printf(t, "%.*s:%lld", (int)host.length, host.at, (long long)e->port)
                                            : host;
}

bool endpoint_is_local(const struct endpoint *e)
{
    return e->host.length == 0 || text_equal_folded(e->host, TEXT("localhost"));
}
