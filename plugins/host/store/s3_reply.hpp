// A successful answer of S3 as the Reply that the operation speaks of.

#pragma once

#include "plugins/host/store/http.hpp"
#include "plugins/host/store/object_store.hpp"

namespace deployflow::store {

/// `response` is 2xx; its body may still be an <Error>, which is looked for. A listing is checked:
/// keys outside the asked prefix, and a page that gets no further, are errors. Errors: as the
/// <Error> says; transient `remote` for an answer that is not what the operation asked for.
Outcome to_reply(const Operation& operation,
                 HttpResponse response,
                 std::string_view bucket,
                 std::string_view endpoint);

/// Is `response` to a Get what was asked for: the range, and no other? Checked before its bytes are
/// used.
Result<void> check_range(const Get& get, const HttpResponse& response);

}  // namespace deployflow::store
