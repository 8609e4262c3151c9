/* server/outside/talk.c */
#include "outside/talk.h"

#include "base/log.h"
#include "outside/base64.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- the dialogue, line by line ---- */

static const struct {
    const char *verb;
    enum talk_step step;
} commands[] = {
    { "EHLO", TALK_EHLO }, { "HELO", TALK_EHLO }, { "STARTTLS", TALK_STARTTLS }, { "AUTH", TALK_AUTH },
    { "MAIL", TALK_MAIL }, { "RCPT", TALK_RCPT }, { "DATA", TALK_DATA },         { "QUIT", TALK_QUIT },
};

static void step_begins(struct talk *k, enum talk_step step)
{
    k->now = step;
    k->answers[step] = (struct talk_answer){ .asked = true };
}

static void hear_command(struct talk *k, struct text line)
{
    const struct talk_answer *current = &k->answers[k->now];

    /* Within AUTH our lines are answers to challenges, whatever they begin with. */
    if (k->now == TALK_AUTH && (current->code == 0 || current->code == 334))
        return;
    for (size_t i = 0; i < COUNT(commands); i++) {
        struct text verb = text_of(commands[i].verb);

        if (text_equal_folded(text_part(line, 0, verb.length), verb)) {
            if (commands[i].step == TALK_EHLO && k->answers[TALK_STARTTLS].code == 220)
                k->secured = true;
            step_begins(k, commands[i].step);
            return;
        }
    }
}

static int reply_code(struct text line)
{
    int64_t code;

    return line.length >= 3 && text_to_int64(text_part(line, 0, 3), &code) && code >= 200 && code <= 599 ? (int)code : 0;
}

static void hear_answer(struct talk *k, struct text line)
{
    struct talk_answer *a = &k->answers[k->now];
    struct text words = text_trim(text_part(line, 4, line.length));

    k->connected = true;
    if (a->whole)
        *a = (struct talk_answer){ .asked = true };
    if (k->now == TALK_GREETING && k->route.tls == LETTER_TLS_WRAPPED)
        k->secured = true;
    a->asked = true;
    a->code = reply_code(line);
    a->whole = line.length < 4 || line.at[3] != '-';
    if (a->length && a->length < sizeof a->words)
        a->words[a->length++] = ' ';
    if (a->code != 334) { /* a challenge is nothing to read */
        struct text fits = text_part(words, 0, sizeof a->words - a->length);

        if (fits.length)
            memcpy(a->words + a->length, fits.at, fits.length);
        a->length += fits.length;
    }
    if (k->now == TALK_AUTH && a->code == 235)
        k->logged_in = true;
    if (k->now == TALK_DATA && a->code == 354)
        step_begins(k, TALK_BODY);
}

static void hear_text(struct talk *k, struct text line)
{
    struct text secured = TEXT("SSL connection using ");

    if (text_starts(line, secured)) {
        struct text how = text_trim(text_part(line, secured.length, sizeof k->tls - 1));

        memcpy(k->tls, how.at, how.length);
        k->tls[how.length] = '\0';
    }
}

static int hear(CURL *curl, curl_infotype kind, char *at, size_t length, void *context)
{
    struct text line = { at, length };

    (void)curl;
    if (kind == CURLINFO_HEADER_OUT)
        hear_command(context, line);
    else if (kind == CURLINFO_HEADER_IN)
        hear_answer(context, line);
    else if (kind == CURLINFO_TEXT)
        hear_text(context, line);
    return 0;
}

/* ---- its sockets: what libcurl tells of a connection that failed differs from version to version ---- */

static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct talk *k = context;
    size_t used = strlen(k->addresses);
    char address[INET6_ADDRSTRLEN];

    (void)purpose;
    if (getnameinfo(&to->addr, to->addrlen, address, sizeof address, NULL, 0, NI_NUMERICHOST) == 0
        && used + strlen(address) + 3 < sizeof k->addresses)
        snprintf(k->addresses + used, sizeof k->addresses - used, "%s%s", used ? ", " : "", address);
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static int close_socket(void *context, curl_socket_t fd)
{
    struct sockaddr_storage peer;
    socklen_t length = sizeof peer;
    struct talk *k = context;

    if (getpeername(fd, (struct sockaddr *)&peer, &length) == 0)
        k->connected = true;
    return close(fd);
}

/* ---- the connection ---- */

static bool host_is_sound(struct text host)
{
    for (size_t i = 0; i < host.length; i++) {
        char c = host.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');

        if (!letter && !(c == '-' && i > 0) && c != '.' && c != ':' && c != '_')
            return false;
    }
    return host.length > 0 && host.length <= 255;
}

static enum outcome check_route(struct task *t, const struct letter_route *r)
{
    if (!host_is_sound(r->host))
        return task_problem(t, "host", &problem_malformed);
    if (r->port < 1 || r->port > 65535)
        return task_problem(t, "port", &problem_malformed);
    if (r->helo.length && (!host_is_sound(r->helo) || text_find(r->helo, ':') != TEXT_NOT_FOUND))
        return task_problem(t, "helo", &problem_malformed);
    if (r->user.length && text_has_control(r->user, ""))
        return task_problem(t, "user", &problem_bad_character);
    if (r->password.length && text_has_control(r->password, ""))
        return task_problem(t, "password", &problem_bad_character);
    return DONE;
}

static void copy_route(struct talk *k, const struct letter_route *r)
{
    k->route = *r;
    k->route.host = task_copy(k->kept, r->host);
    k->route.user = task_copy(k->kept, r->user);
    k->route.password = task_copy(k->kept, r->password);
    k->route.helo = task_copy(k->kept, r->helo);
    k->route.ca_file = task_copy(k->kept, r->ca_file);
    if (k->route.seconds < 1)
        k->route.seconds = 1;
}

/* Where TLS guards the password, the ways that show it to the server: others are often announced by servers that
 * cannot check them (DIGEST-MD5 in front of hashed passwords, GSSAPI without Kerberos), and libcurl prefers those. */
static void use_log_in(struct talk *k, CURLcode *all)
{
    const struct letter_route *r = &k->route;

    if (r->user.length == 0)
        return;
    SET_OPTION(all, k->curl, CURLOPT_USERNAME, r->user.at);
    SET_OPTION(all, k->curl, CURLOPT_PASSWORD, r->password.length ? r->password.at : "");
    SET_OPTION(all, k->curl, CURLOPT_LOGIN_OPTIONS,
               r->tls == LETTER_TLS_NONE ? "AUTH=CRAM-MD5;AUTH=PLAIN;AUTH=LOGIN" : "AUTH=PLAIN;AUTH=LOGIN");
}

static void use_route(struct talk *k, CURLcode *all)
{
    const struct letter_route *r = &k->route;
    bool six = text_find(r->host, ':') != TEXT_NOT_FOUND;
    struct text url = task_printf(k->kept, "%s://%s%s%s:%d/%s", r->tls == LETTER_TLS_WRAPPED ? "smtps" : "smtp",
                                  six ? "[" : "", r->host.at, six ? "]" : "", (int)r->port,
                                  r->helo.length ? r->helo.at : "");

    SET_OPTION(all, k->curl, CURLOPT_URL, url.at);
    SET_OPTION(all, k->curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    SET_OPTION(all, k->curl, CURLOPT_PROXY, "");
    SET_OPTION(all, k->curl, CURLOPT_NOSIGNAL, 1L);
    SET_OPTION(all, k->curl, CURLOPT_CONNECTTIMEOUT, (long)r->seconds);
    SET_OPTION(all, k->curl, CURLOPT_TIMEOUT, (long)r->seconds);
    SET_OPTION(all, k->curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)r->seconds); /* the wait for an answer to QUIT */
    SET_OPTION(all, k->curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (r->tls == LETTER_TLS_STARTTLS)
        SET_OPTION(all, k->curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
    SET_OPTION(all, k->curl, CURLOPT_SSL_VERIFYPEER, r->any_certificate ? 0L : 1L);
    SET_OPTION(all, k->curl, CURLOPT_SSL_VERIFYHOST, r->any_certificate ? 0L : 2L);
    if (r->ca_file.length)
        SET_OPTION(all, k->curl, CURLOPT_CAINFO, r->ca_file.at);
    SET_OPTION(all, k->curl, CURLOPT_ERRORBUFFER, k->error);
    SET_OPTION(all, k->curl, CURLOPT_VERBOSE, 1L);
    SET_OPTION(all, k->curl, CURLOPT_DEBUGFUNCTION, hear);
    SET_OPTION(all, k->curl, CURLOPT_DEBUGDATA, k);
    SET_OPTION(all, k->curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    SET_OPTION(all, k->curl, CURLOPT_OPENSOCKETDATA, k);
    SET_OPTION(all, k->curl, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    SET_OPTION(all, k->curl, CURLOPT_CLOSESOCKETDATA, k);
}

enum outcome talk_open(struct task *t, const struct letter_route *r, struct talk **out)
{
    enum outcome o = check_route(t, r);
    CURLcode all = CURLE_OK;
    struct task *kept;
    struct talk *k;

    if (o != DONE)
        return o;
    kept = task_open();
    k = task_alloc(kept, sizeof *k);
    k->kept = kept;
    copy_route(k, r);
    k->curl = curl_easy_init();
    if (k->curl) {
        use_route(k, &all);
        use_log_in(k, &all);
    }
    if (!k->curl || all != CURLE_OK) {
        log_line(LOG_FAULT, "libcurl: %s", k->curl ? curl_easy_strerror(all) : "no handle");
        talk_close(k);
        return BROKEN;
    }
    *out = k;
    return DONE;
}

CURLcode talk_perform(struct talk *k)
{
    for (enum talk_step step = TALK_GREETING; step < TALK_STEPS; step++)
        k->answers[step] = (struct talk_answer){ .asked = false };
    k->now = TALK_GREETING;
    k->error[0] = k->addresses[0] = '\0';
    return curl_easy_perform(k->curl);
}

void talk_close(struct talk *k)
{
    if (!k)
        return;
    curl_easy_cleanup(k->curl);
    task_close(k->kept);
}

/* ---- its words ---- */

/* Without the digits at its end, which change when more follows. */
static struct text base64_of(struct task *t, struct text given)
{
    char *at = task_alloc(t, BASE64_LENGTH(given.length));

    return (struct text){ at, base64_put(at, given.at, given.length / 3 * 3) };
}

static bool holds(struct text whole, struct text part)
{
    return part.length && whole.length && memmem(whole.at, whole.length, part.at, part.length);
}

/* Some servers repeat the command that they did not understand, and it may have been the one with the password. */
static bool betrays(struct task *t, const struct talk *k, struct text words)
{
    const struct letter_route *r = &k->route;
    struct text plain;

    if (r->user.length == 0)
        return false;
    plain = task_printf(t, "%c%s%c%s", 0, r->user.at, 0, r->password.length ? r->password.at : "");
    return holds(words, r->password) || holds(words, base64_of(t, r->password))
        || holds(words, base64_of(t, plain));
}

struct text talk_answer_words(struct task *t, const struct talk *k, enum talk_step step)
{
    const struct talk_answer *a = &k->answers[step];
    struct text words = { a->words, a->length };

    if (betrays(t, k, words))
        return task_printf(t, "%d (an answer that repeats the password is not shown)", a->code);
    words = words_of(t, words, WORDS_MAX - 4, "");
    return task_printf(t, "%03d %.*s", a->code, (int)words.length, words.at);
}

struct text talk_reason(struct task *t, const struct talk *k, CURLcode c)
{
    struct text words = text_of(k->error[0] ? k->error : curl_easy_strerror(c));
    long why = 0;

    if (text_starts(words, TEXT("response reading failed")))
        return TEXT("the server closed the connection");
    if (text_starts(words, TEXT("server certificate verification failed"))) /* all that older versions by GnuTLS say */
        return TEXT("the server's certificate has expired, or is of no authority that is trusted here");
    if (betrays(t, k, words))
        return text_of(curl_easy_strerror(c));
    if (c == CURLE_COULDNT_CONNECT && curl_easy_getinfo(k->curl, CURLINFO_OS_ERRNO, &why) == CURLE_OK && why)
        words = task_printf(t, "%.*s (%s)", (int)words.length, words.at, strerrordesc_np((int)why));
    return words_of(t, words, WORDS_MAX, "");
}
