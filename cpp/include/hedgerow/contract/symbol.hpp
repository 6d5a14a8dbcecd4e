/// Listed names: Deribit's and the OCC/OSI's, and a canonical name for every contract. Each parses
/// and prints, round trip.
#pragma once

#include <string>
#include <string_view>

#include "hedgerow/base/export.hpp"
#include "hedgerow/contract/contract.hpp"

namespace hedgerow {

/// Parses a Deribit instrument name. Expiry is 08:00 UTC of the day in the name.
///
/// | name | contract |
/// |---|---|
/// | BTC-27MAR26-100000-C | inverse option, multiplier 1 coin, paid in BTC |
/// | BTC-27MAR26 | inverse future, multiplier 10 USD (ETH: 1 USD) |
/// | BTC-PERPETUAL | inverse perpetual, multiplier 10 USD (ETH: 1 USD) |
/// | SOL_USDC-27MAR26-150-C, XRP_USDC-27MAR26-0d55-P | linear option, 'd' is the decimal point |
/// | BTC_USDC-PERPETUAL, BTC_USDC-27MAR26 | linear perpetual, future, multiplier 1 coin |
/// | BTC_USDC | spot |
///
/// Linear options have a multiplier in coins: BTC and ETH 1, SOL 10, XRP and MATIC 1000. A product
/// whose size is not known here is refused, since a guess would scale the value of the position.
/// Quantities count contracts; Deribit's own "amount" is quantity x multiplier.
/// @throws InvalidInput naming the part that is wrong.
HEDGEROW_API Contract parse_deribit(std::string_view name);

/// @return the Deribit name. @throws InvalidInput when Deribit has no name for such a contract.
HEDGEROW_API std::string deribit_name(const Contract& contract);

/// Parses an OCC/OSI symbol of 21 characters ("SPXW  210115C03800000"), or the compact form
/// without padding ("SPXW210115C03800000"); the last 15 characters carry date, right and strike.
///
/// The root decides the terms by a small table of index options (SPX, SPXW, XSP, NDX, NDXP, RUT,
/// RUTW, VIX, VIXW, DJX, XEO: European, cash-settled; AM-settled roots expire at 09:30 New York
/// time, PM-settled ones at 16:00 (16:15 is only the end of trading)); every other root is an
/// equity: American, 16:00 New York time. Underlying SPX for SPX and SPXW, multiplier 100, US
/// dollars.
///
/// Monthly series that expired before February 2015 are dated on the Saturday after their third
/// Friday; the expiry here is that Friday. The exchanges' holidays and short days are not known: a
/// series that is fixed early on such a day has to be constructed with its exact expiry.
/// @throws InvalidInput naming the part that is wrong.
HEDGEROW_API Contract parse_osi(std::string_view symbol);

/// @param root the option root, where one underlying has several ("SPXW"); empty: deduced from the
///     underlying and the settlement time, or the underlying itself.
/// @return the OSI symbol, padded to 21 characters.
/// @throws InvalidInput when the contract is no option, or a strike is no multiple of 0.001.
HEDGEROW_API std::string osi_symbol(const Contract& contract, std::string_view root = "");

/// Parses any listed name above, or the canonical name of any contract:
///
///     cash:USD   spot:SPX/USD   perpetual:BTC/USD:inverse:x10
///     future:ES/USD:2020-03-20T13:30:00Z:x50
///     option:ES/USD:2020-03-20T13:30:00Z:3000:C:american:x50
///     option:BTC/USD:2026-03-27T08:00:00Z:100000:P:inverse
///
/// Parts after the obvious ones may come in any order and default to: linear, european, x1, the
/// usual fixing (fixing=NAME otherwise); quanto carries its currency (quanto=EUR).
/// @throws InvalidInput naming the part that is wrong.
HEDGEROW_API Contract parse_contract(std::string_view text);

/// The canonical name: exact, and independent of what any exchange lists, so that it is what
/// pickles and files keep. Spaces and the characters : / % in names are written as %20 and so on.
HEDGEROW_API std::string canonical_name(const Contract& contract);

/// The listed name that parses back to exactly this contract (Deribit, then OSI), or else
/// the canonical one: parse_contract(symbol(c)) == c for every contract.
HEDGEROW_API std::string symbol(const Contract& contract);

}  // namespace hedgerow
