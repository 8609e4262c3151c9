/* server/outside/base64.c */
#include "outside/base64.h"

size_t base64_put(char *out, const char *octets, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t used = 0;

    for (size_t i = 0; i < length; i += 3) {
        size_t have = length - i < 3 ? length - i : 3;
        unsigned bits = 0;

        for (size_t j = 0; j < 3; j++)
            bits = bits << 8 | (j < have ? (unsigned char)octets[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            out[used++] = j <= have ? digits[bits >> (18 - 6 * j) & 63] : '=';
    }
    return used;
}
