/* server/outside/letter.c - the way of a letter (letter.h); its text is compose.c */
#include "outside/talk.h"

#include <string.h>

struct letter_line {
    struct talk *talk;
};

enum outcome letter_line_open(struct task *t, const struct letter_route *r, struct letter_line **out)
{
    struct talk *k;
    enum outcome o = talk_open(t, r, &k);

    if (o != DONE)
        return o;
    *out = task_alloc(k->kept, sizeof **out);
    (*out)->talk = k;
    return DONE;
}

void letter_line_close(struct letter_line *line)
{
    if (line)
        talk_close(line->talk);
}

/* ---- libcurl reads the message, and may ask for its beginning again on a second connection ---- */

struct reading {
    struct text message;
    size_t at;
    bool begun, given; /* its first octet, and its last */
    struct letter_handover *handover;
};

static bool may_begin(struct reading *r)
{
    if (!r->begun && r->handover && !r->handover->begin(r->handover->context))
        return false;
    r->begun = true;
    return true;
}

/* libcurl asks for nothing before the server has said 354 to DATA. */
static size_t give(char *to, size_t size, size_t count, void *context)
{
    struct reading *r = context;
    struct text part = text_part(r->message, r->at, size * count);

    if (!may_begin(r))
        return CURL_READFUNC_ABORT;
    r->given = r->given || r->at + part.length == r->message.length;
    if (part.length)
        memcpy(to, part.at, part.length);
    r->at += part.length;
    return part.length;
}

static int go_back(void *context, curl_off_t offset, int origin)
{
    struct reading *r = context;

    if (origin != SEEK_SET || offset < 0 || (size_t)offset > r->message.length)
        return CURL_SEEKFUNC_FAIL;
    r->at = (size_t)offset;
    return CURL_SEEKFUNC_OK;
}

/* ---- what became of it ---- */

/* The command whose answer refused; TALK_STEPS when none did. */
static enum talk_step refused_step(const struct talk *k)
{
    for (enum talk_step step = TALK_QUIT; step-- > TALK_GREETING;)
        if (k->answers[step].code >= 400)
            return step;
    return TALK_STEPS;
}

/* 5xx to one of the letter's own commands is about the letter. Before it, or when the server misses a log-in, it is
 * about the way, which can be mended while the letter waits. */
static bool refused_for_good(const struct talk *k, enum talk_step step)
{
    static const int about_the_way[] = { 503, 530, 534, 535, 538 };
    int code = k->answers[step].code;

    if (step < TALK_MAIL || code < 500 || (k->route.user.length && !k->logged_in))
        return false;
    for (size_t i = 0; i < COUNT(about_the_way); i++)
        if (code == about_the_way[i])
            return false;
    return true;
}

static enum outcome verdict(struct task *t, const struct talk *k, CURLcode c, struct text *words)
{
    enum talk_step refused = refused_step(k);

    if (c == CURLE_OK) {
        *words = talk_answer_words(t, k, TALK_BODY);
        return DONE;
    }
    if (refused == TALK_STEPS) {
        *words = talk_reason(t, k, c);
        return RETRY;
    }
    *words = talk_answer_words(t, k, refused);
    return refused_for_good(k, refused) ? INVALID : RETRY;
}

enum outcome letter_line_send(struct letter_line *line, struct task *t, const struct letter *l, struct text *words)
{
    CURL *curl = line->talk->curl;
    struct curl_slist *recipient;
    struct reading reading = { .handover = l->handover };
    CURLcode c = CURLE_OK;
    enum outcome o;

    *words = TEXT("");
    o = letter_compose(t, l, &reading.message);
    if (o != DONE)
        return o;
    recipient = curl_slist_append(NULL, task_c_string(t, l->to));
    if (!recipient)
        return RETRY;
    SET_OPTION(&c, curl, CURLOPT_MAIL_FROM, l->envelope_from.length ? task_c_string(t, l->envelope_from) : "");
    SET_OPTION(&c, curl, CURLOPT_MAIL_RCPT, recipient);
    SET_OPTION(&c, curl, CURLOPT_UPLOAD, 1L);
    SET_OPTION(&c, curl, CURLOPT_READFUNCTION, give);
    SET_OPTION(&c, curl, CURLOPT_READDATA, &reading);
    SET_OPTION(&c, curl, CURLOPT_SEEKFUNCTION, go_back);
    SET_OPTION(&c, curl, CURLOPT_SEEKDATA, &reading);
    SET_OPTION(&c, curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)reading.message.length);
    if (c == CURLE_OK)
        c = talk_perform(line->talk);
    o = verdict(t, line->talk, c, words);
    if (l->handover)
        l->handover->in_doubt = o == RETRY && reading.given && refused_step(line->talk) == TALK_STEPS;
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, NULL);
    curl_slist_free_all(recipient);
    return o;
}

enum outcome letter_send(struct task *t, const struct letter_route *r, const struct letter *l, struct text *words)
{
    struct letter_line *line;
    enum outcome o;

    *words = TEXT("");
    o = letter_line_open(t, r, &line);
    if (o == DONE) {
        o = letter_line_send(line, t, l, words);
        letter_line_close(line);
    }
    return o;
}
