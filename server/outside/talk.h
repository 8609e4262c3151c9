/* server/outside/talk.h - one SMTP connection by libcurl, and what was said on it; for letter.c and probe.c
 *
 * WHAT    A curl handle for a route. It listens to the dialogue and keeps, for each command, that it was given and what
 *         the server answered. What we said itself is never kept: passwords are in it.
 * OWNS    The route is copied into the talk's own task, wiped with it.
 */
#ifndef POSTREEVE_OUTSIDE_TALK_H
#define POSTREEVE_OUTSIDE_TALK_H

#include "outside/letter.h"
#include "outside/option.h"
#include "outside/words.h"

enum talk_step {
    TALK_GREETING, TALK_EHLO, TALK_STARTTLS, TALK_AUTH, TALK_MAIL, TALK_RCPT, TALK_DATA, TALK_BODY, TALK_QUIT,
    TALK_STEPS
};

struct talk_answer {
    bool asked; /* the command was given */
    int code;   /* 0: no answer yet */
    bool whole; /* its last line was read */
    size_t length;
    char words[WORDS_MAX];
};

struct talk {
    CURL *curl;
    struct task *kept;
    struct letter_route route;
    enum talk_step now;
    struct talk_answer answers[TALK_STEPS];
    bool connected, secured, logged_in; /* TCP, and TLS, stood; AUTH succeeded */
    char addresses[WORDS_MAX];          /* those of the host that were tried */
    char tls[WORDS_MAX];                /* "TLS1.3 / ..." */
    char error[CURL_ERROR_SIZE];
};

MUST_USE enum outcome talk_open(struct task *t, const struct letter_route *r, struct talk **out);
CURLcode talk_perform(struct talk *k);
/* The answer to that command, "250 2.0.0 Ok"; never with the route's password in it. */
struct text talk_answer_words(struct task *t, const struct talk *k, enum talk_step step);
/* libcurl's reason for an end other than CURLE_OK. */
struct text talk_reason(struct task *t, const struct talk *k, CURLcode c);
void talk_close(struct talk *k);

#endif
