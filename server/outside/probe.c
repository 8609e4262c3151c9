/* server/outside/probe.c
 *
 * libcurl says QUIT by itself only when it lets the connection go, where nobody hears the answer. So QUIT is given as a
 * command of ours (instead of VRFY, that is), and its answer is one like any other.
 */
#include "outside/probe.h"

#include "outside/talk.h"

const char *const probe_state_words[] = { "skipped", "ok", "failed", NULL };

static const char *const names[PROBE_PARTS] = { "resolve", "connect", "tls", "ehlo", "auth", "quit" };

/* ---- which step failed ---- */

static bool is_about_tls(CURLcode c)
{
    static const CURLcode codes[] = {
        CURLE_USE_SSL_FAILED, CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
        CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
        CURLE_SSL_INVALIDCERTSTATUS,
    };

    for (size_t i = 0; i < COUNT(codes); i++)
        if (c == codes[i])
            return true;
    return false;
}

static bool accepted(const struct talk *k, enum talk_step step)
{
    return k->answers[step].whole && k->answers[step].code / 100 == 2;
}

static enum probe_part failed_part(const struct talk *k, CURLcode c)
{
    bool log_in = k->route.user.length > 0;

    if (c == CURLE_OK)
        return log_in && !k->logged_in ? PROBE_AUTH : PROBE_PARTS;
    if (!k->addresses[0])
        return PROBE_RESOLVE;
    if (!k->connected)
        return PROBE_CONNECT;
    if (is_about_tls(c) || (k->route.tls == LETTER_TLS_WRAPPED && !k->secured && !k->tls[0]))
        return PROBE_TLS;
    if (k->route.tls == LETTER_TLS_STARTTLS && !k->secured && k->answers[TALK_STARTTLS].asked)
        return PROBE_TLS;
    if (!accepted(k, TALK_EHLO))
        return PROBE_EHLO;
    return log_in && !k->logged_in ? PROBE_AUTH : PROBE_QUIT;
}

/* ---- words ---- */

/* The answers that belong to a step, the most telling first. */
static const enum talk_step answers[PROBE_PARTS][2] = {
    [PROBE_RESOLVE] = { TALK_STEPS, TALK_STEPS },
    [PROBE_CONNECT] = { TALK_STEPS, TALK_STEPS },
    [PROBE_TLS] = { TALK_STARTTLS, TALK_STEPS },
    [PROBE_EHLO] = { TALK_EHLO, TALK_GREETING },
    [PROBE_AUTH] = { TALK_AUTH, TALK_STEPS },
    [PROBE_QUIT] = { TALK_QUIT, TALK_STEPS },
};

static struct text why(struct task *t, const struct talk *k, enum probe_part part, CURLcode c)
{
    for (size_t i = 0; i < COUNT(answers[part]); i++)
        if (answers[part][i] != TALK_STEPS && k->answers[answers[part][i]].code >= 400)
            return talk_answer_words(t, k, answers[part][i]);
    if (part == PROBE_AUTH && !k->answers[TALK_AUTH].asked)
        return TEXT("the server offers no log-in that can be used here");
    return talk_reason(t, k, c);
}

static struct text how(struct task *t, const struct talk *k, enum probe_part part)
{
    if (part == PROBE_RESOLVE)
        return task_copy(t, text_of(k->addresses));
    if (part == PROBE_CONNECT)
        return task_printf(t, "port %d", (int)k->route.port);
    if (part == PROBE_TLS)
        return words_of(t, text_of(k->tls), WORDS_MAX, "");
    return part > PROBE_TLS ? talk_answer_words(t, k, answers[part][0]) : TEXT("");
}

static bool is_wanted(const struct letter_route *r, enum probe_part part)
{
    if (part == PROBE_TLS)
        return r->tls != LETTER_TLS_NONE;
    return part != PROBE_AUTH || r->user.length > 0;
}

static void tell(struct task *t, const struct talk *k, CURLcode c, struct probe *out)
{
    enum probe_part failed = failed_part(k, c);

    *out = (struct probe){ .works = failed == PROBE_PARTS };
    for (enum probe_part part = PROBE_RESOLVE; part < PROBE_PARTS; part++) {
        struct probe_step *step = &out->steps[part];
        /* By STARTTLS the greeting comes first: when that is refused, TLS was never tried. */
        bool reached = part < failed && !(part == PROBE_TLS && !k->secured);

        *step = (struct probe_step){ .step = names[part], .words = TEXT("") };
        if (part == failed) {
            step->state = PROBE_FAILED;
            step->words = why(t, k, part, c);
        } else if (reached && is_wanted(&k->route, part)) {
            step->state = PROBE_OK;
            step->words = how(t, k, part);
        }
    }
}

enum outcome probe_relay(struct task *t, const struct letter_route *r, struct probe *out)
{
    CURLcode c = CURLE_OK;
    struct talk *k;
    enum outcome o = talk_open(t, r, &k);

    if (o != DONE)
        return o;
    SET_OPTION(&c, k->curl, CURLOPT_CUSTOMREQUEST, "QUIT");
    SET_OPTION(&c, k->curl, CURLOPT_NOBODY, 1L);
    if (c == CURLE_OK)
        c = talk_perform(k);
    tell(t, k, c, out);
    talk_close(k);
    return DONE;
}
