// Resolved contracts cross as columns and symbols.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "hedgerow/contract/columns.hpp"

namespace py = pybind11;

/// One of the terms of contracts as a column, or labels and codes: what keys and frames are made
/// of.
py::object contract_column(const std::shared_ptr<const hedgerow::ContractColumns>& contracts,
                           const std::string& name);

/// The symbols of contracts.
std::vector<std::string> symbols(const hedgerow::ContractColumns& contracts);
