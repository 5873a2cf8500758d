package delivery

import (
	"errors"
	"fmt"
)

// refusal is why a file is not taken at all, and what to do: in English for the operator, in Chinese for the department. Its text never holds a
// value out of the file; headers, which are no personal data, are clipped.
type refusal struct {
	why  why
	args []any
}

func (r *refusal) Error() string   { return fmt.Sprintf(refusals[r.why].en, r.args...) }
func (r *refusal) chinese() string { return fmt.Sprintf(refusals[r.why].zh, r.args...) }

func refuse(w why, args ...any) error { return &refusal{why: w, args: args} }

func isRefusal(err error) bool {
	var r *refusal
	return errors.As(err, &r)
}

// why names a reason to refuse a file.
type why int

const (
	whyUnreadable why = iota
	whyBrokenOff
	whyEmpty
	whyNoRows
	whyForeign
	whyBinary
	whyEncoding
	whyMark
	whyGzip
	whyGzipCut
	whyGzipBook
	whyBook
	whySheet
	whySheetUnits
	whyParquet
	whyNoSheet
	whyColumns
	whyNames
	whyUnknown
	whyAmbiguous
	whyJSONCut
	whyJSON
	whyNoArray
)

// refusals say the reasons; both languages take the same arguments.
var refusals = map[why]struct{ en, zh string }{
	whyUnreadable: {"cannot be read (%s); check its permissions and send it again", "无法读取（%s），请检查文件权限后重新报送"},
	whyBrokenOff:  {"cannot be read to its end (%s); send it again", "无法完整读取（%s），请重新报送"},
	whyEmpty:      {"is empty; send it again with its rows", "是空文件，请补齐数据后重新报送"},
	whyNoRows:     {"has a header but no rows; send it again with its rows", "只有表头没有数据行，请补齐数据后重新报送"},
	whyForeign:    {"is %s, which is not read; send the table as Excel (.xlsx, without a password), CSV or JSON lines", "是 %s，无法读取，请另存为 Excel（.xlsx，不加密码）、CSV 或 JSON 后重新报送"},
	whyBinary:     {"is neither text nor a workbook that can be read; send it as Excel, CSV in UTF-8 or JSON lines", "既不是文本也不是可读的 Excel，请另存为 Excel 或 UTF-8 编码的 CSV 后重新报送"},
	whyEncoding:   {"is neither UTF-8 nor GB18030 text; save it as UTF-8 and send it again", "既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8 后重新报送"},
	whyMark:       {"begins with the mark of UTF-8 but is not UTF-8; save it as UTF-8 and send it again", "带有 UTF-8 标记但内容不是 UTF-8，请另存为 UTF-8 后重新报送"},
	whyGzip:       {"is a damaged gz file; pack it again and send it again", "压缩包（gz）已损坏，请重新压缩后报送"},
	whyGzipCut:    {"is a gz file that was cut off or damaged on its way; send it again", "压缩包（gz）不完整或在传输中损坏，请重新报送"},
	whyGzipBook:   {"is a workbook inside a gz file; send the workbook itself", "是压缩包里的 Excel，请直接报送 Excel 文件"},
	whyBook:       {"is not a whole Excel workbook (.xlsx); open it in Excel, save it again and send that", "不是完整的 Excel 文件（.xlsx），请用 Excel 打开并重新保存后报送"},
	whySheet:      {"is a workbook with a damaged sheet; open it in Excel, save it again and send that", "有损坏的工作表，请用 Excel 打开并重新保存后报送"},
	whySheetUnits: {"has sheets whose columns are in different units; send each sheet as a file of its own", "各工作表的金额单位不一致，请把每张工作表存为单独的文件报送"},
	whyParquet:    {"is a damaged Parquet file; write it again and send it again", "Parquet 文件已损坏，请重新导出后报送"},
	whyNoSheet:    {"has no sheet with rows; send it again with its rows", "没有含数据的工作表，请补齐数据后重新报送"},
	whyColumns:    {"is a file of %s (%s) without the columns %s; add them under these names and send it again", "按%s（%s）报送，但缺少这些列：%s，请补上后重新报送"},
	whyNames:      {"is a file of %s (%s) without the names %s; add them and send it again", "按%s（%s）报送，但缺少这些字段：%s，请补上后重新报送"},
	whyUnknown: {"fits no data catalogue: neither its folder and name nor its columns are known; put it into its department's folder, name it CATALOGUE_YYYYMMDD, or add its headers to the contract",
		"对不上任何数据目录：文件夹、文件名和列名都不认识，请放入本部门文件夹并按“目录名_年月日”命名，或在数据合约中登记列名"},
	whyAmbiguous: {"fits several data catalogues (%s); put it into its department's folder and name it CATALOGUE_YYYYMMDD", "同时符合多个数据目录（%s），请放入本部门文件夹并按“目录名_年月日”命名"},
	whyJSONCut:   {"is JSON that was cut off; send it again", "JSON 不完整，请重新报送"},
	whyJSON:      {"is not valid JSON from byte %d on; send it again as an array of objects, or one object per line", "从第 %d 字节起不是有效的 JSON，请以对象数组或每行一个对象的形式重新报送"},
	whyNoArray:   {"is JSON without an array of objects; send an array of objects, or one object per line", "JSON 中没有对象数组，请以对象数组或每行一个对象的形式重新报送"},
}
