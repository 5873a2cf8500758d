package lending

// Reasons lists the reasons a form offers for an event (decline, reject, withdraw, ask_more).
func Reasons(e Event) []ReasonChoice {
	switch e {
	case EventDecline, EventReject:
		return []ReasonChoice{
			{"credit_grade", "信用等级未达到产品要求", "The grade is below what the product asks"},
			{"debt_too_high", "现有负债相对经营规模偏高", "Present debt is high against the size of the business"},
			{"short_history", "经营或纳税记录时间不足", "The record of operating or paying tax is too short"},
			{"adverse_record", "存在未结清的不良或失信记录", "There are open adverse records"},
			{"use_unclear", "资金用途不清晰或不符合规定", "The use of the money is unclear or not allowed"},
			{"security_missing", "缺少产品要求的担保", "The security that the product asks for is missing"},
			{"outside_area", "不在本行服务区域或行业内", "Outside of the bank's area or industries"},
			{"quota", "本期额度已用完", "This period's quota is used up"},
			{"other", "其他（请说明）", "Other (please explain)"},
		}
	case EventWithdraw:
		return []ReasonChoice{
			{"found_elsewhere", "已从其他渠道获得资金", "Found the money elsewhere"},
			{"too_expensive", "利率或费用高于预期", "Dearer than expected"},
			{"too_slow", "等待时间过长", "Took too long"},
			{"no_need", "不再需要资金", "No longer needed"},
			{"other", "其他", "Other"},
		}
	case EventAskMore:
		return []ReasonChoice{
			{"contracts", "请提供主要购销合同", "Please give the main contracts"},
			{"statements", "请提供近六个月账户流水", "Please give the account statements of six months"},
			{"use", "请说明资金用途及计划", "Please explain the use of the money"},
			{"licence", "请提供经营许可证照", "Please give the licences"},
			{"other", "其他（请说明）", "Other (please explain)"},
		}
	}
	return nil
}
