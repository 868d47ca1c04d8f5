//! Known answers of Tencent's ciphering: those that the vendor publishes, and some that were made with `@wecom/crypto` and
//! opened with `wechatpy`.

/// One ciphered text.
pub(crate) struct Vector {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    pub(crate) token: &'static str,
    pub(crate) receiver: &'static str,
    pub(crate) timestamp: &'static str,
    pub(crate) nonce: &'static str,
    /// The 16 random bytes, where they are published.
    pub(crate) random: Option<&'static str>,
    pub(crate) text: &'static str,
    pub(crate) sealed: &'static str,
    pub(crate) signature: &'static str,
}

/// The vector of this name.
pub(crate) fn named(name: &str) -> Vector {
    all().into_iter().find(|vector| vector.name == name).unwrap()
}

/// All of them.
pub(crate) fn all() -> Vec<Vector> {
    vec![
        Vector {
            name: "official push, JSON",
            key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            token: "AAAAA",
            receiver: "wxba5fad812f8e6fb9",
            timestamp: "1714112445",
            nonce: "415670741",
            random: Some("a8eedb185eb2fecf"),
            text: r#"{"ToUserName":"gh_97417a04a28d","FromUserName":"o9AgO5Kd5ggOC-bXrbNODIiE3bGY","CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}"#,
            sealed: "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
            signature: "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
        },
        Vector {
            name: "official answer, JSON",
            key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            token: "AAAAA",
            receiver: "wxba5fad812f8e6fb9",
            timestamp: "1713424427",
            nonce: "415670741",
            random: Some("707722b803182950"),
            text: r#"{"demo_resp":"good luck"}"#,
            sealed: "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==",
            signature: "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1",
        },
        Vector {
            name: "official push, XML",
            key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            token: "AAAAA",
            receiver: "wx134c8103faa5a59e",
            timestamp: "1715943329",
            nonce: "1590219412",
            random: Some("1205899eaf019bbd"),
            text: "<xml><ToUserName><![CDATA[gh_97417a04a28d]]></ToUserName>\n<FromUserName><![CDATA[o9AgO5Kd5ggOC-bXrbNODIiE3bGY]]></FromUserName>\n<CreateTime>1715943329</CreateTime>\n<MsgType><![CDATA[event]]></MsgType>\n<Event><![CDATA[debug_demo]]></Event>\n<debug_str><![CDATA[hello world]]></debug_str>\n</xml>",
            sealed: "D7yzvUNAL930rd28wf21s4hvXhz0L6Uit/p2Di6C5DHyYGpEgdBRnKjBec34JwoQXicwaZC7fOVihW80F4VtsdvE//1vr7oAbqjDv8KenVp+ajKYpJnyQ4zMRhIC+a31fCVOMC03FfzV/QuC94kBP55a+Za3sJgvAn+ZbsNqZI5DkyuzkhQN8OBqCzFhizGmy0xpM0MEA4agpvE+RuNO1rhHTtuJB5yltw1FiYzecSXJ+y/D2r81VkRn2eYjh2ltsoyfbDR7Is6ookXIFxTfyeNyeHxMeT4KN5WpCDmSbTcUYrbBUlkGLJ9n/rU8YOywma6G7aTb7KZKOqCxgfoUlYEZPk4FUL/TK7ShriFDMVCLyjQJ15Ob++agDWtcxhfUfe6HIoIpRW8mKNBQiY/Jd1svvuskA1wLef1RTtzKfMpagSCX/laZINmdnX4zrF6kIaR9P4xQrWXbsTFHTYe0Mg==",
            signature: "6c12a4205838198b8fa631b3220723bb07f1015c",
        },
        Vector {
            name: "official answer, XML",
            key: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            token: "AAAAA",
            receiver: "wx134c8103faa5a59e",
            timestamp: "1713424427",
            nonce: "415670741",
            random: Some("999951349e8ee746"),
            text: "<xml><demo_resp>[CDATA[good luck]]</demo_resp></xml>",
            sealed: "hE8R6mGXHkJJjU72KxzKUd1GEkKJaEZq7vRL8XgK3o+00k8JGq6+pZJUIlTSyhsX+bxIBQ72g3GyvDdIZcr6+3HAZbSvPT9t/o11MI7d6WELwqrGd7jMnV0zv3Zc9Nq7",
            signature: "03e0812039325c2712ef5f0f980fd14c70d6e307",
        },
        Vector {
            name: "own push",
            key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
            token: "kefuTestToken",
            receiver: "wx0123456789abcdef",
            timestamp: "1767225600",
            nonce: "8675309",
            random: Some("0123456789abcdef"),
            text: "<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[oTestOpenId0000000000000001]]></FromUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[你好，订单什么时候发货？😀]]></Content><MsgId>24000000000000001</MsgId></xml>",
            sealed: "Q3stYC6hdFzMh9T8HCvyDIV1WRr7Kl/KPhXHJjHZtfdEcV5FSrAx5ORSn9pVv+HFUn+dd2Be73jCsjGIfe1rrS3OoAAmIpzjJrTx0ZSnxUL5j1NzzdbnZMvFsjqgmHerZF81LJxiLkdZuTOKbGkL+CfqouogSSm3bJPgTo9Ewf2mU81ueRiV1/mKHokxyYHNNuDXVhy1u0OvkE0iMDnH1RETJe2VV+lVjMCrl8Gm/neK8aU5LOyca4XW38WTrpgLkLNUzQ/KKuz2oxQgpCagHvPXkhRfWa4nmX3pqXCLEf47BznYCyrpJACaqz0PswnlnKqB0ozbhYfu41GgYzMJTfOSfdAYoxQ5/oBy9EIV1C9hl6dAALV8HYHYPn4cReqJyzfNxRj2iWjjMk3Gqt+YuLvDdL6W6eKFsSXVMVbjWJtBtqisvZ4vuOB7q3jXYjlfp1kC9LunhgwOk2AxDLRTQQ==",
            signature: "d877960f5f53ac915e6bf495ea797b8948699bd3",
        },
        Vector {
            name: "own answer",
            key: "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
            token: "kefuTestToken",
            receiver: "wx0123456789abcdef",
            timestamp: "1767225601",
            nonce: "8675309",
            random: Some("fedcba9876543210"),
            text: "<xml><ToUserName><![CDATA[oTestOpenId0000000000000001]]></ToUserName><FromUserName><![CDATA[gh_0123456789ab]]></FromUserName><CreateTime>1767225601</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[您好，请提供订单号。]]></Content></xml>",
            sealed: "DpQeJfnf/MGZ/+GTIspwVBoZBQg7YxyHZdR5ryQ83XtVQEAsO0rkguYEbEdQkgXDr5ZnQsYoSguQxA2bBGtRzKhnE7VcZAVBiKw3AoySP8MY7dH6Ishgg8kmZjG2IxPC1KUysXNvuvFBNFOXaBtBrC9OqwH8jjfMelqpEDx58VGlUh87YVCH9Vg/snz94SAkll/Bo960TeMgVzM3lIyQQV4Dfpq9NodwawD8hM1iW3HK4dKrHr0q42sJ54oHM8VIT3aRUSdaZbDplb8tjuAJL33GHWjd5LT3OLeF217q29nH0NoUijBDViqPpmwccSSwd4r/Kw2Ad8aSKEZ69/zSfqKvcsrmNR7HK76ftdiZI4PXHENgYl3v8/AjCZ3XbQovlIifp+MmNVeTbihM1Q4Tgi4mC9n6EHzuUYDuymcgBNs=",
            signature: "40006a680f8aad90570d24627be9fc4e763e3c15",
        },
        Vector {
            name: "wecom address check",
            key: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
            token: "QDG6eK",
            receiver: "ww0123456789abcdef",
            timestamp: "1767225600",
            nonce: "1372623149",
            random: None,
            text: "1616140317555161061",
            sealed: "IV7jph9Oxv4Nv6wmo9zvt8v8hbOkaEQOC9z8wigNQKUXgOImf+JH1IIAAAYvzsBJVZjLqhe1gjc5r224zJOlHw==",
            signature: "e9ad42c4f0cd5687aec3e2593e90e20aacbed914",
        },
        Vector {
            name: "wecom push",
            key: "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR",
            token: "QDG6eK",
            receiver: "ww0123456789abcdef",
            timestamp: "1767225600",
            nonce: "1372623149",
            random: None,
            text: "<xml><ToUserName><![CDATA[ww0123456789abcdef]]></ToUserName><CreateTime>1767225600</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[kf_msg_or_event]]></Event><Token><![CDATA[ENCtestSyncToken01]]></Token><OpenKfId><![CDATA[wkTestOpenKfId01]]></OpenKfId></xml>",
            sealed: "cDPP0fh3IzZ3BiD+lmAOX1DYCcBwalx3onJyc28dxgS7Hxz04PNYRWu1O9IW2Abq8Y9g2N+5sUxEWUTWrCdYDvZgIB8PIwQOkNZRXIRfOBrE2HW76vyfD0QdMfdXv0J7bUw3AK4/l6O5JC1FF5adkwJX1YLovN7NmEwWqrIJUtk22Qlz3bWyoNvnmxJmPLl3mGO8JSKqrhN/cMQ42U90aN3t/YDd1zgv9GnMl0hsfsonAs9DnEsp9IR7gwsmMljslQHrJS0AialRAuGooLuOsSVylHjWQCBesPBrqP/5+oN6fIRsvHEBpLUWl/GI3MIOyx8umBfUENkhf4tA6PxG8imfFjT9Ihv5FQQU7eOizRKjuhDEiKfbCvfKMeR6VXJ0sb46ahAzDZ4cTFV+Lnc7DvYZsvs/ENmBAJxqx3lN+oc=",
            signature: "319feb7cc9a2b172af20f5a6284eb4c5d623c1a1",
        },
    ]
}
