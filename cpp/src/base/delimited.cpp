#include "hedgerow/base/delimited.hpp"

#include <limits>
#include <string>

#include "bytes.hpp"
#include "hedgerow/base/error.hpp"
#include "text_encoder.hpp"

namespace hedgerow {

namespace {

InvalidInput invalid(std::int64_t line, std::string_view rule) {
    return {"line", std::to_string(line), rule};
}

/// Reads from left to right, one row at a time.
class Scanner {
  public:
    Scanner(std::string_view text, char delimiter)
        : at_(text.data()), end_(text.data() + text.size()), delimiter_(delimiter) {}

    bool done() const { return at_ == end_; }
    std::int64_t line() const { return line_; }

    /// The fields of the row that begins here, none for an empty line; views that the next row
    /// may invalidate. Moves on to the next row.
    const std::vector<std::string_view>& next_row() {
        fields_.clear();
        unquoted_.clear();
        if (take_line_break()) return fields_;
        do fields_.push_back(next_field());
        while (take_delimiter());
        take_line_break();
        // Unquoted texts move while they grow: what views them is set last.
        for (const auto& [field, begin, size] : unquoted_fields_)
            fields_[field] = std::string_view(unquoted_).substr(begin, size);
        unquoted_fields_.clear();
        return fields_;
    }

  private:
    struct Unquoted {
        std::size_t field;
        std::size_t begin;
        std::size_t size;
    };

    bool take_delimiter() {
        if (done() || *at_ != delimiter_) return false;
        ++at_;
        return true;
    }

    bool take_line_break() {
        if (done() || (*at_ != '\n' && *at_ != '\r')) return false;
        at_ += *at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n' ? 2 : 1;
        ++line_;
        return true;
    }

    std::string_view next_field() {
        if (!done() && *at_ == '"') return next_quoted();
        const char* begin = at_;
        at_ = detail::find_any(at_, end_, delimiter_, '\n', '\r');
        return {begin, static_cast<std::size_t>(at_ - begin)};
    }

    std::string_view next_quoted() {
        const char* begin = ++at_;
        const std::size_t kept = unquoted_.size();
        bool copied = false;
        for (;; ++at_) {
            at_ = detail::find_any(at_, end_, '"', '\n', '\r');
            if (done()) throw invalid(last_line(), "a quoted field does not end");
            if (*at_ != '"') {
                const bool first_of_two = *at_ == '\r' && at_ + 1 != end_ && at_[1] == '\n';
                if (!first_of_two) ++line_;
                continue;
            }
            if (at_ + 1 == end_ || at_[1] != '"') break;
            unquoted_.append(begin, ++at_);  // the first of two quotes stands for both
            begin = at_ + 1;
            copied = true;
        }
        const std::string_view rest(begin, static_cast<std::size_t>(at_++ - begin));
        if (!done() && *at_ != delimiter_ && *at_ != '\n' && *at_ != '\r')
            throw invalid(line_, std::string("'") + delimiter_ + "' expected after '\"'");
        if (!copied) return rest;
        unquoted_.append(rest);
        unquoted_fields_.push_back({fields_.size(), kept, unquoted_.size() - kept});
        return {};
    }

    /// The last line that has any text.
    std::int64_t last_line() const {
        return line_ - (end_[-1] == '\n' || end_[-1] == '\r' ? 1 : 0);
    }

    const char* at_;
    const char* end_;
    char delimiter_;
    std::int64_t line_ = 1;
    std::vector<std::string_view> fields_;
    std::string unquoted_;  // fields whose doubled quotes had to be merged
    std::vector<Unquoted> unquoted_fields_;
};

std::string join(const std::vector<std::string_view>& fields) {
    std::string text(fields.front());
    for (std::size_t j = 1; j < fields.size(); ++j) text.append(",").append(fields[j]);
    return text;
}

}  // namespace

DelimitedText read_delimited(std::string_view text, char delimiter, std::size_t width) {
    if (width == 0) throw InvalidInput("width", "0", "must be positive");
    DelimitedText result;
    result.columns.resize(width);
    std::vector<detail::TextEncoder> encoders(width);
    Scanner scanner(text, delimiter);
    while (!scanner.done()) {
        const std::int64_t line = scanner.line();
        const auto& fields = scanner.next_row();
        if (fields.size() == width) {
            for (std::size_t j = 0; j < width; ++j) encoders[j].add(fields[j], result.columns[j]);
            result.lines.push_back(line);
            if (result.lines.size() == std::numeric_limits<std::int32_t>::max())
                throw InvalidInput("rows", "2^31", "must be fewer");
        } else if (!fields.empty()) {
            result.misshapen.push_back({line, fields.size(), join(fields)});
        }
    }
    return result;
}

}  // namespace hedgerow
