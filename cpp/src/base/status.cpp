#include "hedgerow/base/status.hpp"

namespace hedgerow {

const char* name(Status status) noexcept {
    switch (status) {
        case Status::ok:
            return "ok";
        case Status::expired:
            return "expired";
        case Status::unknown_underlying:
            return "unknown_underlying";
        case Status::missing_smile:
            return "missing_smile";
        case Status::missing_rate:
            return "missing_rate";
        case Status::unsupported_exercise:
            return "unsupported_exercise";
        case Status::unsupported_settlement:
            return "unsupported_settlement";
        case Status::invalid_quantity:
            return "invalid_quantity";
        case Status::not_a_number:
            return "not_a_number";
        case Status::below_intrinsic:
            return "below_intrinsic";
        case Status::above_maximum:
            return "above_maximum";
        case Status::invalid_input:
            return "invalid_input";
        case Status::wrong_currency:
            return "wrong_currency";
    }
    return "unknown";
}

}  // namespace hedgerow
