// Book and balances of an account as one book, valued under scenarios.
#pragma once

#include <cstddef>
#include <vector>

#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/book/book.hpp"
#include "hedgerow/book/group.hpp"
#include "hedgerow/risk/solvency.hpp"

namespace hedgerow::risk {

/// A group of all positions, then one per balance.
class AccountRows {
  public:
    explicit AccountRows(const Account& account);

    /// In every scenario; leaves out for good what one of them can't value.
    Equities equities(const Snapshot& snapshot, const Scenarios& scenarios, SmileDynamics dynamics,
                      ThreadPool* pool);

  private:
    void leave_out(const std::vector<Status>& status);

    std::vector<Balance> balances_;
    std::size_t has_positions_ = 0;
    Book all_;
    Groups groups_;
    std::vector<bool> left_out_;  // per row
};

}  // namespace hedgerow::risk
