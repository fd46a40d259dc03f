// docs/openapi.yaml, compiled in: C can embed a file as it is, where Swift would need a copy of it as a literal.
#ifndef CAPI_DESCRIPTION_H
#define CAPI_DESCRIPTION_H

#include <stddef.h>

const void *mini_ci_api_description(void);
size_t mini_ci_api_description_length(void);

#endif
