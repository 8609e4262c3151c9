/* server/service/throttle.c */
#include "service/throttle.h"

#include "model/address.h"
#include "model/secret.h"
#include "store/account.h"

#include <arpa/inet.h>
#include <string.h>

/* The address with all but the first `bits` cleared, as text. */
static struct text network(struct task *t, struct text source, unsigned bits4, unsigned bits6)
{
    unsigned char octets[16] = { 0 };
    char words[INET6_ADDRSTRLEN];
    const char *at = task_c_string(t, source);
    int family = at && strchr(at, ':') ? AF_INET6 : AF_INET;
    unsigned bits = family == AF_INET6 ? bits6 : bits4;

    if (!at || inet_pton(family, at, octets) != 1)
        return task_printf(t, "%s/%u", at ? at : "-", bits); /* no address: one network, but counted at each width once */
    for (unsigned i = 0; i < sizeof octets; i++)
        if (i * 8 >= bits)
            octets[i] = 0;
    inet_ntop(family, octets, words, sizeof words);
    return task_printf(t, "%s/%u", words, bits);
}

void throttle_buckets(struct work *w, struct text username, struct bucket out[BUCKETS])
{
    const struct throttle_settings *most = &w->s->config->throttle;
    struct text from = w->actor->source;
    struct text who = username.length > ADDRESS_MAX ? secret_digest(w->t, username) : username; /* nobody: any length */

    out[0] = (struct bucket){ task_join(w->t, TEXT("account:"), who), most->account_failures };
    out[1] = (struct bucket){ task_join(w->t, TEXT("from:"), network(w->t, from, 32, 128)), most->host_failures };
    out[2] = (struct bucket){ task_join(w->t, TEXT("from:"), network(w->t, from, 24, 64)), most->network_failures };
    out[3] = (struct bucket){ task_join(w->t, TEXT("from:"), network(w->t, from, 16, 48)),
                              most->wide_network_failures };
}

static struct throttle_row throttle_of(struct work *w, const struct bucket *b)
{
    return (struct throttle_row){ .bucket = b->name, .window_seconds = w->s->config->throttle.window_seconds };
}

enum outcome throttle_check(struct work *w, const struct bucket all[BUCKETS])
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct throttle_row by = throttle_of(w, &all[i]), found = { 0 };
        enum outcome o = store_throttle_find(w->t, &by, &found);

        if (o == DONE && found.failures >= all[i].most) {
            w->out->wait_seconds = found.wait_seconds > 0 ? found.wait_seconds : 1;
            return BUSY;
        }
        if (o != DONE && o != MISSING)
            return o;
    }
    return DONE;
}

enum outcome throttle_count(struct work *w, const struct bucket all[BUCKETS])
{
    enum outcome o = DONE;

    for (size_t i = 0; o == DONE && i < BUCKETS; i++) {
        struct throttle_row by = throttle_of(w, &all[i]);

        o = store_throttle_count(w->t, &by);
    }
    return o;
}

enum outcome throttle_forgive(struct work *w, const struct bucket all[BUCKETS])
{
    struct throttle_row by = throttle_of(w, &all[0]);
    enum outcome o = store_throttle_forget(w->t, by.bucket);

    return o == DONE ? store_throttle_sweep(w->t, &by) : o;
}
