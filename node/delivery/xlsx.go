package delivery

import (
	"errors"
	"fmt"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// prepareXLSX copies the rows of every sheet that has the table's header. Cells are read as they are stored: dates as serial numbers.
func (s *source) prepareXLSX(all *catalog.Catalogs, known *catalog.Contract, temp string) (err error) {
	defer func() {
		// The reader of workbooks is third-party code over outsiders' bytes; a fault in it costs the file, not the load.
		if fault := recover(); fault != nil {
			err = refuse(whyBook)
		}
	}()
	book, err := excelize.OpenFile(s.path, excelize.Options{RawCellValue: true, UnzipSizeLimit: 4 << 30, UnzipXMLSizeLimit: 256 << 20, TmpDir: temp})
	if err != nil {
		return refuse(whyBook)
	}
	defer book.Close()
	var failure error
	var w *rewritten
	for _, sheet := range book.GetSheetList() {
		rows, err := book.Rows(sheet)
		if err != nil {
			continue
		}
		if err := s.copySheet(all, known, temp, rows, &w); err != nil {
			if failure = firstOf(failure, err); !isRefusal(err) || w != nil {
				break
			}
			continue
		}
		failure = nil
		known = s.contract
	}
	if w != nil {
		return errors.Join(failure, w.close())
	}
	if failure == nil {
		failure = refuse(whyNoSheet)
	}
	return failure
}

func firstOf(first, second error) error {
	if first != nil {
		return first
	}
	return second
}

// copySheet finds a sheet's header and copies what stands below it. A later sheet without the table's header is left out.
func (s *source) copySheet(all *catalog.Catalogs, known *catalog.Contract, temp string, rows *excelize.Rows, w **rewritten) error {
	defer rows.Close()
	var head [][]string
	for len(head) < headerWithin && rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			return sheetFailure()
		}
		head = append(head, row)
	}
	t, err := findTable(all, known, head)
	if err != nil {
		if *w != nil {
			return nil
		}
		return err
	}
	s.contract = t.contract
	if *w == nil {
		s.table = t
		if *w, err = s.canonical(temp); err != nil {
			return err
		}
	} else if strings.Join(t.units, ",") != strings.Join(s.table.units, ",") {
		return refuse(whySheetUnits)
	}
	cells := make([]string, len(t.contract.Fields))
	for _, row := range head[t.headerRows:] {
		if err := s.copySheetRow(*w, t, row, cells); err != nil {
			return err
		}
	}
	for rows.Next() {
		row, err := rows.Columns()
		if err != nil {
			return sheetFailure()
		}
		if err := s.copySheetRow(*w, t, row, cells); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return sheetFailure()
	}
	return nil
}

func sheetFailure() error {
	return refuse(whySheet)
}

// copySheetRow copies one row of a sheet; rows without a single value are layout, not data.
func (s *source) copySheetRow(w *rewritten, t table, row, cells []string) error {
	clear(cells)
	blank := true
	for i, value := range row {
		if i >= len(t.columns) || strings.TrimSpace(value) == "" {
			continue
		}
		blank = false
		if field := t.columns[i]; field >= 0 {
			cells[field] = value
		}
	}
	if blank {
		return nil
	}
	if strings.IndexByte(strings.Join(cells, ""), 0) >= 0 {
		return w.bad(ruleEncoding, fmt.Append(nil, strings.Join(cells, ",")))
	}
	return w.row(cells)
}
