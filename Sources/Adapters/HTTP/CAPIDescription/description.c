#include "CAPIDescription.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char description[] = {
#embed "../../../../docs/openapi.yaml"
};

const void *mini_ci_api_description(void) { return description; }

size_t mini_ci_api_description_length(void) { return sizeof description; }
