// Package yidaitong (一贷通) is the root of the module. It holds no code: docs/architecture.md shows where what lives,
// and the tests here hold the rules that concern the whole tree.
package yidaitong
