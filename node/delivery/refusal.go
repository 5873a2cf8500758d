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

// asRefusal is the refusal in err, nil when there is none.
func asRefusal(err error) error {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r
	}
	return nil
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
	whyZip
	whyZipEmpty
	whyZipMember
	whyZipMembers
	whyZipOverlap
	whyZipPath
	whyZipPassword
	whyNestedZip
	whyBomb
	whyUnpackedSize
	whyManyColumns
	whyBookSize
	whyBook
	whySheet
	whySheetUnits
	whyParquet
	whyParquetRows
	whyNoSheet
	whyColumns
	whyNames
	whyUnknown
	whyAmbiguous
	whyJSONCut
	whyJSON
	whyNoArray
	whyJSONLong
	whyUnknownHere
)

// refusals say the reasons; both languages take the same arguments.
var refusals = map[why]struct{ en, zh string }{
	whyUnreadable:   {"cannot be read (%s); check its permissions and send it again", "无法读取（%s），请检查文件权限后重新报送"},
	whyBrokenOff:    {"cannot be read to its end (%s); send it again", "无法完整读取（%s），请重新报送"},
	whyEmpty:        {"is empty; send it again with its rows", "是空文件，请补齐数据后重新报送"},
	whyNoRows:       {"has a header but no rows; send it again with its rows", "只有表头没有数据行，请补齐数据后重新报送"},
	whyForeign:      {"is %s, which is not read; send the table as Excel (.xlsx, without a password), CSV or JSON lines", "是 %s，无法读取，请另存为 Excel（.xlsx，不加密码）、CSV 或 JSON 后重新报送"},
	whyBinary:       {"is neither text nor a workbook that can be read; send it as Excel, CSV in UTF-8 or JSON lines", "既不是文本也不是可读的 Excel，请另存为 Excel 或 UTF-8 编码的 CSV 后重新报送"},
	whyEncoding:     {"is neither UTF-8 nor GB18030 text; save it as UTF-8 and send it again", "既不是 UTF-8 也不是 GB18030 编码，请另存为 UTF-8 后重新报送"},
	whyMark:         {"begins with the mark of UTF-8 but is not UTF-8; save it as UTF-8 and send it again", "带有 UTF-8 标记但内容不是 UTF-8，请另存为 UTF-8 后重新报送"},
	whyGzip:         {"is a damaged gz file; pack it again and send it again", "压缩包（gz）已损坏，请重新压缩后报送"},
	whyGzipCut:      {"is a gz file that was cut off or damaged on its way; send it again", "压缩包（gz）不完整或在传输中损坏，请重新报送"},
	whyZip:          {"is a zip archive that was cut off or damaged on its way; pack it again and send it again", "压缩包（zip）不完整或已损坏，请重新压缩后报送"},
	whyZipEmpty:     {"is a zip archive without a file in it; pack the files and send it again", "压缩包（zip）里没有文件，请放入数据文件后重新报送"},
	whyZipMember:    {"is damaged inside its zip archive, or packed in a way that is not read; pack it again as an ordinary zip and send it again", "在压缩包（zip）中已损坏或压缩方式不受支持，请用普通 zip 方式重新压缩后报送"},
	whyZipMembers:   {"is a zip archive of %d files, more than the %d that are taken at once; send it in parts", "压缩包（zip）含 %d 个文件，超过一次 %d 个的上限，请分批报送"},
	whyZipOverlap:   {"is a zip archive whose files lie over each other, as only bombs do; pack it again and send it again", "压缩包（zip）内的文件相互重叠，疑似压缩炸弹，请重新压缩后报送"},
	whyZipPath:      {"is named in its zip archive with a path that leaves the folder; pack it again without such paths", "在压缩包（zip）中的路径指向包外，请去掉上级目录后重新压缩报送"},
	whyZipPassword:  {"is locked with a password inside its zip archive; pack it without one and send it again", "在压缩包（zip）中加了密码，请不加密码重新压缩后报送"},
	whyNestedZip:    {"is an archive inside an archive; pack the files themselves and send them again", "是压缩包里的压缩包，请直接压缩数据文件后报送"},
	whyBomb:         {"unpacks to %d times its size, and at most %d times is taken; send it unpacked or in parts", "解压后是原大小的 %d 倍，超过 %d 倍的上限，请不压缩或分批报送"},
	whyUnpackedSize: {"unpacks to more than %d GB, which is the most that is taken at once; send it in parts", "解压后超过 %d GB 的上限，请分批报送"},
	whyManyColumns:  {"has %d columns, and at most %d are read; send the catalogue's columns only", "有 %d 列，超过 %d 列的上限，请只报送数据目录规定的列"},
	whyBookSize:     {"is a workbook with more text than the %d MB that are read of one; send it as CSV", "Excel 中的文字超过 %d MB 的上限，请另存为 CSV 后报送"},
	whyBook:         {"is not a whole Excel workbook (.xlsx); open it in Excel, save it again and send that", "不是完整的 Excel 文件（.xlsx），请用 Excel 打开并重新保存后报送"},
	whySheet:        {"is a workbook with a damaged sheet; open it in Excel, save it again and send that", "有损坏的工作表，请用 Excel 打开并重新保存后报送"},
	whySheetUnits:   {"has sheets whose columns are in different units; send each sheet as a file of its own", "各工作表的金额单位不一致，请把每张工作表存为单独的文件报送"},
	whyParquet:      {"is a damaged Parquet file; write it again and send it again", "Parquet 文件已损坏，请重新导出后报送"},
	whyParquetRows:  {"is a Parquet file of %d rows in a few bytes, as only bombs are; write it again from the table", "Parquet 文件极小却声称有 %d 行，疑似压缩炸弹，请重新导出后报送"},
	whyNoSheet:      {"has no sheet with rows; send it again with its rows", "没有含数据的工作表，请补齐数据后重新报送"},
	whyColumns:      {"is a file of %s (%s) without the columns %s; add them under these names and send it again", "按%s（%s）报送，但缺少这些列：%s，请补上后重新报送"},
	whyNames:        {"is a file of %s (%s) without the names %s; add them and send it again", "按%s（%s）报送，但缺少这些字段：%s，请补上后重新报送"},
	whyUnknown: {"fits no data catalogue: neither its folder and name nor its columns are known; put it into its department's folder, name it CATALOGUE_YYYYMMDD, or add its headers to the contract",
		"对不上任何数据目录：文件夹、文件名和列名都不认识，请放入本部门文件夹并按“目录名_年月日”命名，或在数据合约中登记列名"},
	whyAmbiguous: {"fits several data catalogues (%s); put it into its department's folder and name it CATALOGUE_YYYYMMDD", "同时符合多个数据目录（%s），请放入本部门文件夹并按“目录名_年月日”命名"},
	whyJSONCut:   {"is JSON that was cut off; send it again", "JSON 不完整，请重新报送"},
	whyJSON:      {"is not valid JSON from byte %d on; send it again as an array of objects, or one object per line", "从第 %d 字节起不是有效的 JSON，请以对象数组或每行一个对象的形式重新报送"},
	whyNoArray:   {"is JSON without an array of objects; send an array of objects, or one object per line", "JSON 中没有对象数组，请以对象数组或每行一个对象的形式重新报送"},
	whyJSONLong:  {"holds an object of more than %d MB from byte %d on; send one object per record", "从第 %[2]d 字节起有一个超过 %[1]d MB 的对象，请按每条记录一个对象报送"},
	whyUnknownHere: {"fits none of %s's data catalogues: neither its name nor its columns are known; name it CATALOGUE_YYYYMMDD, or add its headers to the contract",
		"对不上 %s 的任何数据目录：文件名和列名都不认识，请按“目录名_年月日”命名，或在数据合约中登记列名"},
}
