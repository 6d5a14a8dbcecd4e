/// All layers in their order, for programs that do not care to choose headers.
#pragma once

#include "hedgerow/base/build.hpp"
#include "hedgerow/base/delimited.hpp"
#include "hedgerow/base/error.hpp"
#include "hedgerow/base/export.hpp"
#include "hedgerow/base/greeks.hpp"
#include "hedgerow/base/grouped_sums.hpp"
#include "hedgerow/base/instant.hpp"
#include "hedgerow/base/kernel.hpp"
#include "hedgerow/base/large_array.hpp"
#include "hedgerow/base/pool.hpp"
#include "hedgerow/base/revaluation.hpp"
#include "hedgerow/base/right.hpp"
#include "hedgerow/base/status.hpp"
#include "hedgerow/base/texts.hpp"
#include "hedgerow/base/version.hpp"

#include "hedgerow/math/jet.hpp"
#include "hedgerow/math/normal.hpp"
#include "hedgerow/math/robust_line.hpp"

#include "hedgerow/formula/bachelier.hpp"
#include "hedgerow/formula/black.hpp"
#include "hedgerow/formula/bsm.hpp"
#include "hedgerow/formula/columns.hpp"
#include "hedgerow/formula/displaced.hpp"
#include "hedgerow/formula/generic.hpp"
#include "hedgerow/formula/implied_volatility.hpp"
#include "hedgerow/formula/revaluation.hpp"

#include "hedgerow/contract/columns.hpp"
#include "hedgerow/contract/contract.hpp"
#include "hedgerow/contract/distinct.hpp"
#include "hedgerow/contract/symbol.hpp"

#include "hedgerow/market/curve.hpp"
#include "hedgerow/market/parity.hpp"
#include "hedgerow/market/shock.hpp"
#include "hedgerow/market/smile.hpp"
#include "hedgerow/market/snapshot.hpp"

#include "hedgerow/price/series.hpp"
#include "hedgerow/price/units.hpp"

#include "hedgerow/book/book.hpp"
#include "hedgerow/book/exposures.hpp"
#include "hedgerow/book/fold.hpp"
#include "hedgerow/book/group.hpp"
#include "hedgerow/book/valuation.hpp"

#include "hedgerow/risk/revaluation.hpp"
#include "hedgerow/risk/scenarios.hpp"
