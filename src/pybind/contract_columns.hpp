// Resolved contracts cross as columns and symbols.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <vector>

#include "hedgerow/contract/columns.hpp"

namespace py = pybind11;

/// The terms of contracts as columns, labels with codes or numbers: what keys and frames are made
/// of.
py::dict contract_columns(const std::shared_ptr<const hedgerow::ContractColumns>& contracts);

/// The symbols of contracts.
std::vector<std::string> symbols(const hedgerow::ContractColumns& contracts);
