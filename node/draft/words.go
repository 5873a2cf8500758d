package draft

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"

	"github.com/yidaitong/yidaitong/node/catalog"
)

// dictionary finds what the known contracts say of a header.
type dictionary map[string]catalog.Field

// dictionaryOf takes, for every header, the field as which most contracts know it. A title weighs more than a synonym.
func dictionaryOf(known *catalog.Catalogs) dictionary {
	votes := map[string]map[string]int{}
	fields := map[string]map[string]catalog.Field{}
	for _, c := range known.All() {
		for _, f := range c.Fields {
			for i, header := range append([]string{f.TitleZH}, f.Synonyms...) {
				folded := catalog.FoldHeader(header)
				if votes[folded] == nil {
					votes[folded], fields[folded] = map[string]int{}, map[string]catalog.Field{}
				}
				if votes[folded][f.Name] == 0 {
					fields[folded][f.Name] = f
				}
				votes[folded][f.Name]++
				if i == 0 {
					votes[folded][f.Name] += 2
				}
			}
		}
	}
	words := dictionary{}
	for folded, names := range votes {
		best, most := "", 0
		for name, n := range names {
			if n > most || n == most && name < best {
				best, most = name, n
			}
		}
		words[folded] = fields[folded][best]
	}
	return words
}

func (d dictionary) find(title string) (catalog.Field, bool) {
	f, ok := d[catalog.FoldHeader(title)]
	return f, ok
}

// glossary are the words of which departments' headers are made, with what they are in codes and in English titles.
var glossary = func() map[string]string {
	all := map[string]string{}
	for _, line := range strings.Fields(`
		日期=date 时间=time 年度=year 年份=year 月份=month 年月=month 季度=quarter 期间=period 所属期=period 有效期=valid_until 起始=start 开始=start 终止=end 结束=end 截止=until 至=to 起=from 止=to
		金额=amount 税额=tax 总额=total 余额=balance 价款=price 价格=price 单价=unit_price 总价=total_price 收入=revenue 支出=expense 成本=cost 利润=profit 资产=assets 负债=liabilities 费用=fee 罚款=fine 补贴=subsidy 奖励=award 资金=funds 资本=capital 投资=investment 贷款=loan 工资=wages 保费=premium 租金=rent
		编号=no 号码=number 文号=document_no 案号=case_no 证号=certificate_no 单号=order_no 户号=account_no 代码=code 编码=code 序号=serial 批次=batch 流水号=serial_no
		名称=name 姓名=person_name 单位=unit 企业=firm 公司=firm 机构=institution 部门=department 项目=project 工程=project 产品=product 商品=goods 设备=equipment 车辆=vehicle 车牌=plate 船舶=vessel 人员=staff 法定代表人=legal_person 负责人=person_in_charge 联系人=contact 经办人=handler 联系电话=phone 电话=phone 手机=mobile 邮箱=email 地址=address 住所=address 地点=place 区域=area 区县=district 街道=street 乡镇=township 行政区划=division
		类型=kind 类别=kind 种类=kind 性质=nature 状态=status 等级=grade 级别=level 结果=result 结论=conclusion 方式=method 来源=source 用途=purpose 原因=reason 事由=reason 内容=content 说明=note 备注=remarks 依据=basis 范围=scope 规格=specification 型号=model 品种=variety 标准=standard
		数量=quantity 人数=headcount 次数=times 天数=days 面积=area_size 重量=weight 比例=ratio 比率=ratio 率=rate 指标=indicator 得分=score 分数=score 评分=score 产量=output 销售额=sales 营业额=turnover 交易额=turnover 额=amount 户数=households 户=household 店=shop 门店=shop 经营者=operator 负责人姓名=person_in_charge 产值=output_value 用量=usage 规模=size
		申请=application 申报=declared 受理=accepted 审批=approval 审核=review 批准=approved 核准=approved 登记=registration 备案=filing 许可=licence 许可证=licence 证书=certificate 资质=qualification 认定=recognition 认证=certification 发证=issued 颁发=issued 发布=published 公示=published 公告=announcement 注销=cancelled 吊销=revoked 变更=change 变更前=before 变更后=after
		处罚=penalty 行政处罚=penalty 违法=violation 行为=act 决定书=decision 决定=decision 检查=inspection 抽查=spot_check 整改=rectification 投诉=complaint 举报=report 信访=petition 事故=accident 伤亡=casualties 隐患=hazard 查封=seizure 执行=enforcement 判决=judgment 仲裁=arbitration 调解=mediation
		缴纳=paid 缴费=paid 应缴=due 实缴=paid 欠缴=arrears 参保=insured 发放=paid_out 拨付=paid_out 到账=received 还款=repayment 担保=guarantee 抵押=mortgage 合同=contract 协议=agreement 中标=won_bid 招标=tender 采购=procurement 供应商=supplier 发票=invoice 销售=sales 出口=export 进口=import 生产=production 经营=operation 建设=construction 施工=construction 竣工=completion 开工=start_of_work 运输=transport 用电=electricity 用水=water 用气=gas 排放=emission 污染=pollution 监测=monitoring 土地=land 房屋=house 不动产=real_estate 种植=planting 养殖=breeding 农户=farmer 专利=patent 商标=trademark 学校=school 医院=hospital
		上年=previous_year 本年=this_year 本月=this_month 累计=cumulative 平均=average 最高=maximum 最低=minimum 首次=first 最近=latest 是否=is 总=total 主要=main 主管=competent 所在=local 办理=handled 签订=signed 交易=transaction 支付=payment 服务=service 管理=management 技术=technology 质量=quality 安全=safety 环保=environment 消防=fire_safety 旅游=tourism 文化=culture 广告=advertising 气象=weather 站点=station 站=station 降水量=precipitation 气温=temperature 风速=wind_speed 预警=warning 信号=signal`) {
		word, meaning, _ := strings.Cut(line, "=")
		all[word] = meaning
	}
	return all
}()

// longestWord is how many characters the glossary's longest word has.
const longestWord = 5

// nameOf makes a code and an English title out of a header. Words that the glossary does not have are spelled in pinyin and leave the title open.
func nameOf(title string) (code, english string) {
	var parts []string
	open := false
	for runes := []rune(title); len(runes) > 0; {
		if meaning, n := word(runes); n > 0 {
			parts = append(parts, meaning)
			runes = runes[n:]
			continue
		}
		r := runes[0]
		switch {
		case unicode.Is(unicode.Han, r):
			if r != '的' && r != '之' {
				open = true
				if syllable := pinyin.SinglePinyin(r, pinyin.NewArgs()); len(syllable) > 0 {
					parts = append(parts, syllable[0])
				}
			}
			runes = runes[1:]
		case r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			n := 0
			for n < len(runes) && runes[n] < unicode.MaxASCII && (unicode.IsLetter(runes[n]) || unicode.IsDigit(runes[n])) {
				n++
			}
			parts = append(parts, strings.ToLower(string(runes[:n])))
			runes = runes[n:]
		default:
			runes = runes[1:]
		}
	}
	code = strings.Join(parts, "_")
	if code == "" || code[0] >= '0' && code[0] <= '9' {
		code = strings.TrimSuffix("column_"+code, "_")
	}
	if open || len(parts) == 0 {
		return code, catalog.Open + "英文名"
	}
	return code, strings.ReplaceAll(code, "_", " ")
}

// word is the longest word of the glossary with which the runes begin, with its length.
func word(runes []rune) (meaning string, n int) {
	for n := min(longestWord, len(runes)); n > 0; n-- {
		if meaning, ok := glossary[string(runes[:n])]; ok {
			return meaning, n
		}
	}
	return "", 0
}
