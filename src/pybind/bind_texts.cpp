// base: columns of text, as files have them.
#include <pybind11/stl.h>

#include "hedgerow/base/delimited.hpp"
#include "module.hpp"
#include "texts.hpp"

using namespace hedgerow;

namespace {

OwnedTexts own(std::vector<std::uint8_t> buffer, std::vector<std::int64_t> offsets) {
    return {to_array(std::move(buffer)), to_array(std::move(offsets))};
}

OwnedTexts from_strings(const py::iterable& strings) {
    std::vector<std::uint8_t> buffer;
    std::vector<std::int64_t> offsets{0};
    for (const py::handle item : strings) {
        const auto text = item.cast<std::string_view>();
        buffer.insert(buffer.end(), text.begin(), text.end());
        offsets.push_back(static_cast<std::int64_t>(buffer.size()));
    }
    return own(std::move(buffer), std::move(offsets));
}

py::str string_at(const Texts& texts, std::size_t i) {
    return py::str(texts[i].data(), texts[i].size());
}

py::list strings(const OwnedTexts& self) {
    py::list list(self.texts().size());
    for (std::size_t i = 0; i < self.texts().size(); ++i) list[i] = string_at(self.texts(), i);
    return list;
}

py::tuple numbers(const OwnedTexts& self) {
    Numbers result;
    {
        const py::gil_scoped_release release;
        result = read_numbers(self.texts());
    }
    return py::make_tuple(to_array(std::move(result.values)), to_array(std::move(result.unread)));
}

py::tuple to_tuple(EncodedTexts column) {
    return py::make_tuple(own(std::move(column.buffer), std::move(column.offsets)),
                          to_array(std::move(column.codes)));
}

py::tuple encoded(const OwnedTexts& self) {
    EncodedTexts column;
    {
        const py::gil_scoped_release release;
        column = encode(self.texts());
    }
    return to_tuple(std::move(column));
}

py::tuple delimited(const Column<std::uint8_t>& text, char delimiter, std::size_t width) {
    DelimitedText result;
    {
        const py::gil_scoped_release release;
        result = read_delimited(
            {reinterpret_cast<const char*>(text.data()), static_cast<std::size_t>(text.size())},
            delimiter, width);
    }
    py::list columns, misshapen;
    for (EncodedTexts& column : result.columns) columns.append(to_tuple(std::move(column)));
    for (const MisshapenRow& row : result.misshapen)
        misshapen.append(py::make_tuple(row.line, row.fields, row.text));
    return py::make_tuple(columns, to_array(std::move(result.lines)), misshapen);
}

}  // namespace

void bind_texts(py::module_& m) {
    py::class_<OwnedTexts>(m, "Texts", "Texts in one buffer; no object each.")
        .def(py::init<Column<std::uint8_t>, Column<std::int64_t>>(), py::arg("buffer"),
             py::arg("offsets"),
             "Views UTF-8 bytes and offsets, one more than there are texts, without a copy.")
        .def_static("of", &from_strings, py::arg("strings"), "Texts from strings.")
        .def("__len__", [](const OwnedTexts& self) { return self.texts().size(); })
        .def(
            "__getitem__",
            [](const OwnedTexts& self, std::size_t i) {
                if (i >= self.texts().size()) throw py::index_error();
                return string_at(self.texts(), i);
            },
            py::arg("index"))
        .def("tolist", &strings, "As strings.")
        .def(
            "trimmed", [](const OwnedTexts& self) { return are_trimmed(self.texts()); },
            "Whether no text can begin or end with a blank.")
        .def("encoded", &encoded, "Each text once, unless most differ, and a code per text.")
        .def("numbers", &numbers,
             "The decimal numbers that they are, and the places of those that are none.");
    m.def("read_delimited", &delimited, py::arg("text"), py::arg("delimiter"), py::arg("width"),
          "(texts, codes) per column, the line per row, and (line, fields, text) of misshapen "
          "rows.");
}
