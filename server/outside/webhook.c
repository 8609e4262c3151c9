/* server/outside/webhook.c */
#include "outside/webhook.h"

#include "base/log.h"
#include "outside/option.h"
#include "outside/words.h"

#include <string.h>

#define ANSWER_OCTETS_MAX 65536
#define EXCERPT_OCTETS 256 /* of the answer's body, for `words` */

/* ---- what may be sent ---- */

static bool scheme_is_ours(CURLU *url)
{
    char *scheme = NULL;
    bool ours = curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
        && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);

    curl_free(scheme);
    return ours;
}

enum outcome webhook_url_check(struct task *t, const char *field, struct text given)
{
    CURLU *url;
    bool sound;

    if (!words_are_plain(given) || text_find(given, ' ') != TEXT_NOT_FOUND)
        return task_problem(t, field, &problem_bad_character);
    url = curl_url();
    if (!url)
        return RETRY;
    sound = given.length && curl_url_set(url, CURLUPART_URL, task_c_string(t, given), 0) == CURLUE_OK
        && scheme_is_ours(url);
    curl_url_cleanup(url);
    return sound ? DONE : task_problem(t, field, &problem_malformed);
}

static enum outcome check_header(struct task *t, const char *field, struct text value)
{
    return words_are_plain(value) ? DONE : task_problem(t, field, &problem_bad_character);
}

static enum outcome check(struct task *t, const struct webhook *w)
{
    enum outcome o = webhook_url_check(t, "url", w->url);

    if (o == DONE)
        o = check_header(t, "event", w->event);
    if (o == DONE)
        o = check_header(t, "delivery", w->delivery);
    if (o == DONE)
        o = check_header(t, "signature_hex", w->signature_hex);
    return o;
}

/* ---- the answer ---- */

struct answer {
    size_t length, kept;
    char excerpt[EXCERPT_OCTETS];
};

/* Taking less than was offered ends the transfer; the status is known by then. */
static size_t take(char *at, size_t size, size_t count, void *context)
{
    struct answer *a = context;
    struct text part = text_part((struct text){ at, size * count }, 0, sizeof a->excerpt - a->kept);

    if (part.length)
        memcpy(a->excerpt + a->kept, part.at, part.length);
    a->kept += part.length;
    a->length += size * count;
    return a->length > ANSWER_OCTETS_MAX ? 0 : size * count;
}

static enum outcome verdict(int status)
{
    static const int may_pass[] = { 408, 425, 429 };

    if (status >= 200 && status <= 299)
        return DONE;
    for (size_t i = 0; i < COUNT(may_pass); i++)
        if (status == may_pass[i])
            return RETRY;
    return status >= 300 && status <= 499 ? INVALID : RETRY;
}

static void tell(struct task *t, CURL *curl, CURLcode c, const char *error, const struct answer *a,
                 struct webhook_end *out)
{
    struct text excerpt = words_of(t, (struct text){ a->excerpt, a->kept }, EXCERPT_OCTETS, "");
    long status = 0;

    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    out->status = (int)status;
    if (status == 0)
        out->words = words_of(t, text_of(error[0] ? error : curl_easy_strerror(c)), WORDS_MAX, "");
    else
        out->words = task_printf(t, "answered %ld%s%.*s", status, excerpt.length ? ": " : "", (int)excerpt.length,
                                 excerpt.at);
}

/* ---- the request ---- */

static struct curl_slist *headers_of(struct task *t, const struct webhook *w)
{
    struct text lines[] = {
        TEXT("Content-Type: application/json"),
        TEXT("Expect:"), /* no waiting for a "100 Continue" */
        task_printf(t, "X-Postreeve-Event: %.*s", (int)w->event.length, w->event.at),
        task_printf(t, "X-Postreeve-Delivery: %.*s", (int)w->delivery.length, w->delivery.at),
        task_printf(t, "X-Postreeve-Signature: sha256=%.*s", (int)w->signature_hex.length, w->signature_hex.at),
    };
    size_t count = COUNT(lines) - (w->signature_hex.length == 0);
    struct curl_slist *list = NULL;

    for (size_t i = 0; i < count; i++) {
        struct curl_slist *longer = curl_slist_append(list, lines[i].at);

        if (!longer) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static CURLcode prepare(struct task *t, CURL *curl, const struct webhook *w, struct curl_slist *headers)
{
    long seconds = w->seconds < 1 ? 1 : (long)w->seconds;
    CURLcode all = CURLE_OK;

    SET_OPTION(&all, curl, CURLOPT_URL, task_c_string(t, w->url));
    SET_OPTION(&all, curl, CURLOPT_PROTOCOLS_STR, "http,https");
    SET_OPTION(&all, curl, CURLOPT_PROXY, "");
    SET_OPTION(&all, curl, CURLOPT_FOLLOWLOCATION, 0L);
    SET_OPTION(&all, curl, CURLOPT_NOSIGNAL, 1L);
    SET_OPTION(&all, curl, CURLOPT_CONNECTTIMEOUT, seconds);
    SET_OPTION(&all, curl, CURLOPT_TIMEOUT, seconds);
    SET_OPTION(&all, curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET_OPTION(&all, curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET_OPTION(&all, curl, CURLOPT_USERAGENT, "postreeve/" POSTREEVE_VERSION);
    SET_OPTION(&all, curl, CURLOPT_HTTPHEADER, headers);
    SET_OPTION(&all, curl, CURLOPT_POST, 1L);
    SET_OPTION(&all, curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)w->body.length);
    SET_OPTION(&all, curl, CURLOPT_POSTFIELDS, w->body.length ? w->body.at : "");
    SET_OPTION(&all, curl, CURLOPT_WRITEFUNCTION, take);
    if (w->ca_file.length)
        SET_OPTION(&all, curl, CURLOPT_CAINFO, task_c_string(t, w->ca_file));
    return all;
}

static enum outcome post(struct task *t, CURL *curl, const struct webhook *w, struct webhook_end *out)
{
    struct curl_slist *headers = headers_of(t, w);
    char error[CURL_ERROR_SIZE] = "";
    struct answer a = { .length = 0 };
    CURLcode c = headers ? prepare(t, curl, w, headers) : CURLE_OUT_OF_MEMORY;

    SET_OPTION(&c, curl, CURLOPT_WRITEDATA, &a);
    SET_OPTION(&c, curl, CURLOPT_ERRORBUFFER, error);
    if (c != CURLE_OK) {
        log_line(LOG_FAULT, "libcurl: %s", curl_easy_strerror(c));
        curl_slist_free_all(headers);
        return BROKEN;
    }
    c = curl_easy_perform(curl);
    tell(t, curl, c, error, &a, out);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, NULL);
    curl_slist_free_all(headers);
    return verdict(out->status);
}

enum outcome webhook_post(struct task *t, const struct webhook *w, struct webhook_end *out)
{
    enum outcome o;
    CURL *curl;

    *out = (struct webhook_end){ .words = TEXT("") };
    o = check(t, w);
    if (o != DONE)
        return o;
    curl = curl_easy_init();
    if (!curl)
        return RETRY;
    o = post(t, curl, w, out);
    curl_easy_cleanup(curl);
    return o;
}
