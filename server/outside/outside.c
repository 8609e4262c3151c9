/* server/outside/outside.c */
#include "outside/outside.h"

#include "base/log.h"
#include "base/secrecy.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

enum outcome outside_start(void)
{
    /* Of its copies of relays' passwords none is left behind. */
    CURLcode c = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free, wipe_and_realloc, strdup, calloc);

    if (c != CURLE_OK) {
        log_line(LOG_FAULT, "libcurl: %s", curl_easy_strerror(c));
        return BROKEN;
    }
    return DONE;
}

void outside_stop(void)
{
    curl_global_cleanup();
}
