package intake

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unicode"
	"unicode/utf8"
)

// strange reports a character that a file's name may not have.
func strange(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.()（）[]【】 ，、《》", r) || r == utf8.RuneError
}

// digestIn reads the header Repr-Digest (RFC 9530) as hexadecimal; an absent one gives "".
func digestIn(h http.Header) (string, bool) {
	given := h.Get("Repr-Digest")
	if given == "" {
		return "", true
	}
	for member := range strings.SplitSeq(given, ",") {
		value, ours := strings.CutPrefix(strings.TrimSpace(member), "sha-256=:")
		value, closed := strings.CutSuffix(value, ":")
		if !ours || !closed {
			continue
		}
		sum, err := base64.StdEncoding.DecodeString(value)
		if err == nil && len(sum) == sha256.Size {
			return hex.EncodeToString(sum), true
		}
	}
	return "", false
}

// span is which bytes of a file a request brings.
type span struct{ from, to, size int64 } // [from, to) of size

// spanOf reads Content-Range and Content-Length.
func spanOf(q *http.Request) (span, bool) {
	length := q.ContentLength
	given := q.Header.Get("Content-Range")
	if given == "" {
		return span{0, length, length}, length > 0
	}
	rest, ok := strings.CutPrefix(given, "bytes ")
	if total, all := strings.CutPrefix(rest, "*/"); ok && all {
		// Every byte is there already; only the answer to the last of them was lost.
		size, err := strconv.ParseInt(total, 10, 64)
		return span{size, size, size}, err == nil && size > 0 && length == 0
	}
	bounds, total, ok2 := strings.Cut(rest, "/")
	first, last, ok3 := strings.Cut(bounds, "-")
	from, err1 := strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(last, 10, 64)
	size, err3 := strconv.ParseInt(total, 10, 64)
	s := span{from, to + 1, size}
	fits := ok && ok2 && ok3 && err1 == nil && err2 == nil && err3 == nil && from >= 0 && s.from < s.to && s.to <= s.size && length == s.to-s.from
	return s, fits
}

// part is where an upload's bytes are kept until all have come. The same file sent again under the same name goes on where it broke off.
func (r *Receiver) part(t target) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{t.department, t.catalogue.Name, t.file, t.digest}, "\x00")))
	return filepath.Join(r.folders.parts(), t.department+"-"+hex.EncodeToString(sum[:16])+".part")
}

// put takes a file, or a piece of it, and answers once what it says is on the disk.
func (r *Receiver) put(w http.ResponseWriter, q *http.Request) {
	t, refused := r.targetOf(q)
	var a *answer
	var s span
	if refused == nil {
		s, refused = r.admit(t, q)
	}
	if refused != nil {
		a = refused
	} else {
		a = r.take(w, q, t, s)
	}
	department, catalogue := t.department, ""
	if t.catalogue != nil {
		catalogue = t.catalogue.Name
	}
	r.o.Logger.Info("upload", "department", department, "catalogue", catalogue, "bytes", s.to-s.from, "status", a.status, "state", a.State)
	if a.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	a.write(w)
}

// admit checks everything that can be said before a byte is read.
func (r *Receiver) admit(t target, q *http.Request) (span, *answer) {
	if t.digest == "" {
		return span{}, no(http.StatusBadRequest, "the header Repr-Digest is missing: declare the whole file's SHA-256 as sha-256=:BASE64:", "缺少请求头 Repr-Digest：请以 sha-256=:BASE64: 声明整个文件的 SHA-256")
	}
	s, ok := spanOf(q)
	switch {
	case !ok:
		return s, no(http.StatusBadRequest, "the request must bring bytes and say how many: Content-Length, and to continue Content-Range as in bytes 100-199/1000", "请求须带内容并说明长度：Content-Length；续传时用 Content-Range，如 bytes 100-199/1000")
	case s.size > r.o.MaxBytes:
		return s, no(http.StatusRequestEntityTooLarge, "the file has %d bytes, at most %d are taken at once; compress it or send it in parts", "文件有 %d 字节，超过一次 %d 字节的上限，请压缩或分批报送", s.size, r.o.MaxBytes)
	case !r.hasRoom(s.size):
		return s, no(http.StatusInsufficientStorage, "the node's disk has no room for the file; the operator has been told, try again later", "数据节点磁盘空间不足，已通知运维人员，请稍后再试")
	}
	return s, nil
}

func (r *Receiver) hasRoom(size int64) bool {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(r.folders.parts(), &disk); err != nil {
		return true // writing will tell
	}
	free := disk.Bavail * uint64(disk.Bsize)
	if free < uint64(size)+reserveBytes {
		r.o.Logger.Error("the disk is nearly full: a file was turned away", "free_bytes", free, "file_bytes", size)
		return false
	}
	return true
}

// take writes the bytes that a request brings behind those that are there, and completes the file with the last.
func (r *Receiver) take(w http.ResponseWriter, q *http.Request, t target, s span) *answer {
	path := r.part(t)
	end, refused := r.limits.begin(t.department, path)
	if refused != nil {
		return refused
	}
	defer end()
	if a := r.before(t); a != nil {
		return a
	}
	f, offset, a := r.openPart(t, path, s)
	if a != nil {
		return a
	}
	written, err := r.copyPieces(w, f, q.Body, s.to-s.from)
	offset += written
	if err != nil {
		// What arrived stays, so that the next request goes on from there.
		return r.brokenOff(errors.Join(err, f.Close()), offset)
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return r.failed(err)
	}
	if offset < s.size {
		return &answer{status: http.StatusAccepted, OK: true, State: Receiving, Offset: &offset, File: t.file,
			Message: fmt.Sprintf("已收到 %d 字节，请从此处续传", offset), MessageEN: fmt.Sprintf("%d bytes have arrived; continue from there", offset)}
	}
	return r.complete(t, path)
}

// before answers when the file is there already, under the same name.
func (r *Receiver) before(t target) *answer {
	sum, state, receipt, err := r.find(t)
	switch {
	case err != nil:
		return r.failed(err)
	case state == "":
		return nil
	case sum == t.digest:
		return &answer{status: http.StatusOK, OK: true, State: state, File: t.file, Receipt: receipt, Message: "该文件此前已完整收到", MessageEN: "this file has arrived before, whole"}
	case state == Received:
		return no(http.StatusConflict, "a file of this name with other content waits to be loaded; send this one under another name, as with _2 before the ending", "同名但内容不同的文件正等待入库，请改用其他文件名（如在后缀前加 _2）")
	}
	return nil
}

// find looks for a file by its name: in the inbox, or loaded.
func (r *Receiver) find(t target) (sum string, state State, receipt *Receipt, err error) {
	sum, err = fileSum(filepath.Join(r.folders.inbox(t.department), t.file))
	if err == nil {
		return sum, Received, nil, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", "", nil, err
	}
	receipt = &Receipt{}
	found, err := readJSON(r.folders.receipt(t.department, t.file), receipt)
	if err != nil || !found {
		return "", "", nil, err
	}
	return receipt.SHA256, receipt.State, receipt, nil
}

// openPart opens the part at the place where the request goes on.
func (r *Receiver) openPart(t target, path string, s span) (*os.File, int64, *answer) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, 0, r.failed(err)
	}
	have, err := f.Seek(0, io.SeekEnd)
	if err == nil && have == 0 && r.tooManyParts(t.department) {
		err = errors.Join(f.Close(), os.Remove(path))
		if err == nil {
			return nil, 0, no(http.StatusTooManyRequests, "too many uploads were broken off and not continued; continue them first", "未完成的上传过多，请先续传完成")
		}
	}
	if err == nil && s.from == 0 && have > 0 {
		have, err = 0, f.Truncate(0)
	}
	if err == nil && s.from != have {
		err = f.Close()
		if have == 0 {
			err = errors.Join(err, os.Remove(path))
		}
		if err == nil {
			a := no(http.StatusConflict, "%d bytes have arrived, the request begins at %d; continue from Upload-Offset", "已收到 %d 字节，本次却从 %d 开始，请从 Upload-Offset 处续传", have, s.from)
			a.State, a.Offset = Receiving, &have
			return nil, 0, a
		}
	}
	if err == nil {
		_, err = f.Seek(have, io.SeekStart)
	}
	if err != nil {
		return nil, 0, r.failed(errors.Join(err, f.Close()))
	}
	return f, have, nil
}

func (r *Receiver) tooManyParts(department string) bool {
	found, err := filepath.Glob(filepath.Join(r.folders.parts(), department+"-*.part"))
	return err == nil && len(found) > maxWaitingParts
}

// copyPieces copies a body piece by piece. Each has its time: a client that trickles is cut off.
func (r *Receiver) copyPieces(w http.ResponseWriter, to io.Writer, body io.Reader, size int64) (written int64, err error) {
	deadline := http.NewResponseController(w)
	for written < size {
		if err := deadline.SetReadDeadline(time.Now().Add(r.pieceWithin)); err != nil {
			return written, fmt.Errorf("set a deadline: %w", err)
		}
		n, err := io.CopyN(to, body, min(pieceBytes, size-written))
		written += n
		if err != nil {
			return written, err
		}
	}
	return written, deadline.SetReadDeadline(time.Time{})
}

func (r *Receiver) brokenOff(err error, offset int64) *answer {
	if errors.Is(err, syscall.ENOSPC) {
		r.o.Logger.Error("the disk is full")
		return no(http.StatusInsufficientStorage, "the node's disk is full; try again later", "数据节点磁盘已满，请稍后再试")
	}
	a := no(http.StatusBadRequest, "the upload broke off after %d bytes; continue from Upload-Offset", "上传在第 %d 字节中断，请从 Upload-Offset 处续传", offset)
	if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
		a.status = http.StatusRequestTimeout
	}
	a.State, a.Offset = Receiving, &offset
	return a
}

// failed is for what is the node's own fault. The system's message names paths, so it goes to the log without them.
func (r *Receiver) failed(err error) *answer {
	cause := err
	if where, ok := errors.AsType[*fs.PathError](err); ok {
		cause = where.Err
	}
	r.o.Logger.Error("an upload could not be kept", "error", cause)
	return no(http.StatusInternalServerError, "the node could not keep the file; try again later, the operator has been told", "数据节点未能保存文件，已通知运维人员，请稍后再试")
}

// complete verifies a part and gives it its name in the inbox. A name that is taken is never overwritten.
func (r *Receiver) complete(t target, part string) *answer {
	sum, err := fileSum(part)
	if err != nil {
		return r.failed(err)
	}
	if sum != t.digest {
		if err := os.Remove(part); err != nil {
			return r.failed(err)
		}
		return no(http.StatusUnprocessableEntity, "the file that arrived does not have the SHA-256 that was declared; send it again from its beginning", "收到的文件与声明的 SHA-256 不符，请从头重新上传")
	}
	inbox := r.folders.inbox(t.department)
	if err := os.MkdirAll(inbox, 0o700); err != nil {
		return r.failed(err)
	}
	err = os.Link(part, filepath.Join(inbox, t.file))
	if errors.Is(err, fs.ErrExist) {
		return r.before(t)
	}
	if err == nil {
		err = errors.Join(syncFolder(inbox), syncFolder(filepath.Dir(inbox)), os.Remove(part))
	}
	if err != nil {
		return r.failed(err)
	}
	select {
	case r.arrived <- struct{}{}:
	default:
	}
	return &answer{status: http.StatusCreated, OK: true, State: Received, File: t.file, Message: "文件已完整收到，正在排队入库", MessageEN: "the file has arrived whole and waits to be loaded"}
}

func fileSum(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	digest := sha256.New()
	if _, err := io.Copy(digest, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// show says how far a file has come: Upload-Offset for one that is on its way (which Repr-Digest has to name), the receipt for one that was loaded.
func (r *Receiver) show(w http.ResponseWriter, q *http.Request) {
	t, refused := r.targetOf(q)
	if refused != nil {
		refused.write(w)
		return
	}
	sum, state, receipt, err := r.find(t)
	if err != nil {
		r.failed(err).write(w)
		return
	}
	if state != "" && (t.digest == "" || sum == t.digest) {
		a := &answer{status: http.StatusOK, OK: true, State: state, File: t.file, Receipt: receipt, Message: "文件已完整收到", MessageEN: "the file has arrived whole"}
		a.write(w)
		return
	}
	info, err := os.Stat(r.part(t))
	if t.digest == "" || err != nil {
		no(http.StatusNotFound, "no such file has begun to arrive; an upload under way is found by its Repr-Digest", "没有收到该文件；查询未完成的上传需带 Repr-Digest").write(w)
		return
	}
	offset := info.Size()
	a := &answer{status: http.StatusOK, OK: true, State: Receiving, Offset: &offset, File: t.file,
		Message: fmt.Sprintf("已收到 %d 字节，请从此处续传", offset), MessageEN: fmt.Sprintf("%d bytes have arrived; continue from there", offset)}
	a.write(w)
}
