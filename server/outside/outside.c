/* server/outside/outside.c */
#include "outside/outside.h"

#include "base/log.h"

#include <curl/curl.h>

enum outcome outside_start(void)
{
    CURLcode c = curl_global_init(CURL_GLOBAL_DEFAULT);

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
