-- One row per enterprise that is wound up with a liquidation.
SELECT firm AS _firm, known(filed) AS _known_on, usci, name_on(filed, renamed_on, old_name, name) AS firm_name, filed AS filed_on,
       CASE WHEN end_status = '吊销' THEN '被吊销营业执照' ELSE one_of(['股东会决议解散', '股东会决议解散', '股东会决议解散', '股东会决议解散', '股东会决议解散', '股东会决议解散', '股东会决议解散', '股东会决议解散', '营业期限届满', '人民法院裁定'], firm, 0, 'liquidation_filing.cause') END AS cause,
       head_name AS leader, head_name || '、' || partner_name AS members, filed + 45 AS notice_until, phone
FROM (
    SELECT *, died_on - 60 - pick(60, firm, 0, 'liquidation_filing.day')::INTEGER AS filed FROM who
    WHERE kind = 'enterprise' AND died_on IS NOT NULL AND u(firm, 0, 'simplified_deregistration') >= 0.65
)
WHERE filed > born
